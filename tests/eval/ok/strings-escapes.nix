[
  "\n\r\t\\\"\${x}"
  "\a\q\'\u"
  "$" "$$" "a$" "$x" "\$"
  "$${x}" "$$$${x}"
  "two
lines"
  "back\
slash"
  "ünï→😀"
  "tab	tab"
  "''"
  ""
]
