1 ++ [ ] ++ "innermost first" ++ 2
