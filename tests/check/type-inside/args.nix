{
  name = "hello";
  files = {
    "./kernel" = 1;
    a = { };
    b = { path = 1; mode = 644; uid = "root"; gid = -1; };
    c = { path = "/c"; pathh = "/d"; };
    d = { path = "/d"; source = 5; };
  };
  annotations = {
    unikernelType = 1;
    hypervisor = null;
    binary = ./kernel;
    cmdline = true;
    mountRootfs = 1;
    unikernelVersion = 0.17;
    "org.example" = 1;
  };
  labels."com.urunc.unikernel.binary" = "/x";
  labels.x = 1;
  env.A = 1;
}
