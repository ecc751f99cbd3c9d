{
  # The image's name, which may hold a registry and a path, and its tag.
  name = "my-unikernel";
  tag = "latest";

  # What is copied into the image: "path from this folder" = "/path in the image".
  files = {
    "./kernel" = "/unikernel/kernel";
  };

  # What urunc is told. `bimanix init ./kernel` looks at a kernel and writes this
  # file for it; `bimanix check` says what urunc would not accept.
  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = "";
  };
}
