[
  (if 1 == 1 then "yes" else "no")
  (if false then 1 else if true then 2 else 3)
  (assert true; 4)
  (assert 1 < 2; assert 2 < 3; 5)
  ((if true then x: x else x: 0) 6)
]
