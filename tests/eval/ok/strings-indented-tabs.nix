# A tab is text, not indentation.
[
  ''
  	a
    b
  ''
  ''
	a
	b
  ''
]
