let
  inc = x: x + 1;
  double = x: x * 2;
in
[
  (1 |> inc)
  (1 |> inc |> double)
  (inc <| 1)
  (inc <| double <| 3)
  (inc 1 |> double)
  ([ 1 2 ] |> map inc |> builtins.foldl' builtins.add 0)
  ("a" + "b" |> builtins.stringLength)
  (5 |> (x: x))
]
