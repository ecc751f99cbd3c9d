''
  text
  ${x: x}
''
