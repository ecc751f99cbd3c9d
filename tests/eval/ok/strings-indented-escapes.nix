[
  ''
    ''${x} $${x} ''$y $ $$ $$$
    '''quoted'''
    ''\n''\t''\r''\\''\"''\x
    \n \${"x"} "
    ' 'a' ' '
  ''
  # An escape counts as text for the smallest indentation.
  ''
      ''\n
    a
  ''
  ''
    ''\ta
      b
  ''
  ''
      '''
    a
  ''
]
