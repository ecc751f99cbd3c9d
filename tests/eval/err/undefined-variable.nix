let
  kernel = 1;
in
kernal
