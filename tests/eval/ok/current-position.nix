[
  __curPos.line
  __curPos.column
  (builtins.baseNameOf __curPos.file)
  (x: __curPos.line) 1
    (let p = __curPos; in p.line)
]
