{
  mkShell,
  bimanix,
  clippy,
  deadnix,
  nixfmt-tree,
  rust-analyzer,
  rustfmt,
  skopeo,
  statix,
  umoci,
}:

# What bimanix is built with, and the tools that its checks and tests call.
mkShell {
  inputsFrom = [ bimanix ];
  packages = [
    clippy
    deadnix
    nixfmt-tree
    rust-analyzer
    rustfmt
    skopeo
    statix
    umoci
  ];
}
