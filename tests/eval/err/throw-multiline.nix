throw ''
  first line

    indented line
  last line
''
