{
  name = "kernel";

  # "path from this folder" = "path in the image"
  files = {
    "./kernel" = "/unikernel/kernel";
  };

  # The kernel: 64-bit ELF file for amd64, boots by Multiboot 1.
  annotations = {
    unikernelType = "mewz"; # probably, by the ELF header being 64-bit with an i386 machine field
    hypervisor = "qemu";
    binary = "/unikernel/kernel";
    cmdline = ""; # mewz is given no arguments
  };
}
