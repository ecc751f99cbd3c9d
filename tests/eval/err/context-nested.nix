let
  inherit (builtins) addErrorContext;
in
addErrorContext "outermost" (
  builtins.head (
    map (addErrorContext "through map") [
      (addErrorContext "first\nand second line" (addErrorContext "innermost" (throw "x")))
    ]
  )
)
