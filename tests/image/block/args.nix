{
  name = "block";
  files = {
    "./kernel" = "/unikernel/kernel";
    "./disk" = "/unikernel/disk";
    "./empty" = "/data";
  };
  annotations = {
    unikernelType = "rumprun";
    hypervisor = "spt";
    binary = "/unikernel/kernel";
    cmdline = "a b  c";
    block = "/unikernel/disk";
    blkMntPoint = "/data";
    useDMBlock = "false";
  };
  cmd = [ "own" "words" ];
}
