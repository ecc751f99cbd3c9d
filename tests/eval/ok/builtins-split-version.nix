map builtins.splitVersion [ "1.2a-3b..c" "" "pre1.2" "1.2_3+4" "20240101" ]
