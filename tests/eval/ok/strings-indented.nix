[
  ''''
  '' ''
  ''a''
  ''
  ''
  ''
    one
  ''
  ''
    a
      b
    c''
  ''
    blank

    between
  ''
  ''
      spaces on a blank line
   
    count not
  ''
  ''  text on the first line
    then more''
  ''
    last line deeper
      ''
  ''
  no indentation
''
]
