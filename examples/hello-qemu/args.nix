{
  name = "hello-qemu";
  tag = "latest";

  files = {
    "./hello.elf" = "/unikernel/hello.elf";
  };

  annotations = {
    unikernelType = "unikraft";
    hypervisor = "qemu";
    binary = "/unikernel/hello.elf";
    cmdline = "hello from an image of bimanix";
  };
}
