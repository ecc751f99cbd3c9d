{
  bootFiles,
  builder,
  fileEntry,
  imagePath,
  jsonSafe,
  parts,
  request,
  storeName,
  system,
}:
/**
  Builds the image of one unikernel: a tar that is an OCI image layout and a
  docker archive at once, for `docker load`, `ctr images import`, `podman load`
  and `skopeo copy oci-archive:`.

  bimanix itself is the builder: no shell, no standard environment, and nothing
  has to be built for the evaluation. What is in the image is decided, checked
  and refused there; this function finds the files.

  # Inputs

  `argument`
  : one of
    - the path of an args.nix, or of the folder that holds it;
    - a set of args.nix's shape, whose files and base image can come from
      derivations and Nix paths: `base = drv;` and
      `files."hello.hvt" = { path = "/unikernel/hello.hvt"; source = drv; };`
    - `{ argsFile; arguments ? { }; sources ? [ ]; }`: the path, the arguments
      of an args.nix that is a function, and what it reads besides the `.nix`
      files in its folder.

  `kernel`, `init` and what `rootfs` is made of may be paths and derivations as
  well, and `rootfs.closure` lists derivations that go into the guest's root
  file system with all that they refer to:
  `rootfs = { type = "block"; closure = [ pkgs.hello ]; };`

  With `architectures` the image is for several, and all that was said holds for
  the files of each as well.

  An image to build on is in the store before the build, which has no network:
  a path (`base = ./nginx.tar;`), or what Nix has fetched, by `lib.pullImage`,
  `dockerTools.pullImage` or another fixed-output derivation. An args.nix takes
  such a one as an argument: `{ base ? "harbor.io/x/nginx@sha256:…" }: { inherit
  base; … }` with `arguments.base = lib.pullImage { … };`.

  # Output

  A derivation of the tar, with `imageName` and `imageTag`, and with what makes
  the image when it is run and keeps no tar, in the store or elsewhere:

  `stream`
  : writes the tar to standard output (`bimanix build -o -`)

  `load`
  : gives the image to an engine (`bimanix load`): `--into docker`

  `push`
  : sends the image to a registry (`bimanix push`): `[REF]`

  The three are one package, of kilobytes: a recipe that names the files in the
  store. To build it checks all that building the tar does.

  # Type

  ```
  buildImage :: Path | String | AttrSet -> Derivation
  ```

  # Examples

  ```nix
  buildImage ./args.nix

  buildImage {
    argsFile = ./args.nix;
    arguments.tag = "dev";
    sources = [ ./lib ];
  }

  buildImage {
    name = "hello";
    files."hello.hvt" = {
      path = "/unikernel/hello.hvt";
      source = "${unikernel}/hello.hvt";
    };
    annotations = {
      unikernelType = "rumprun";
      hypervisor = "hvt";
      binary = "/unikernel/hello.hvt";
      cmdline = "hello";
    };
  }
  ```
*/
argument:
let
  inherit (request argument) recipe folder file;

  # A recipe of the wrong shape is not refused here: the builder does that, and
  # shows the place in args.nix.
  part =
    architecture: recipe:
    let
      hasFiles = builtins.isAttrs (recipe.files or null);
      files = builtins.mapAttrs (fileEntry folder "files") (if hasFiles then recipe.files else { });
      withoutSource = builtins.filter (key: files.${key}.source == null) (builtins.attrNames files);
      boot = bootFiles folder recipe;
      closure = if architecture == "" then "closure" else "closure-${architecture}";
    in
    {
      what = {
        recipe = jsonSafe "" (
          recipe
          // (if hasFiles then { files = builtins.mapAttrs (_: file: file.recipe) files; } else { })
          // (if recipe ? base then { base = imagePath folder "base" recipe.base; } else { })
          // boot.recipe
        );
        inherit (boot) rootfsSources;
        sources = builtins.mapAttrs (_: file: file.source) (removeAttrs files withoutSource);
      };
      references = if boot.closure == [ ] then { } else { ${closure} = boot.closure; };
    };
  all = builtins.mapAttrs part (parts recipe);
  references = builtins.foldl' (known: part: known // part.references) { } (builtins.attrValues all);

  imageName = if builtins.isString (recipe.name or null) then recipe.name else "image";
  name = storeName imageName;

  what = {
    inherit system;
    args = [ "builder" ];
    __structuredAttrs = true;
    # Copying the files to another machine takes longer than the build.
    preferLocalBuild = true;

    parts = builtins.mapAttrs (_: part: part.what) all;
  }
  // (if references == { } then { } else { exportReferencesGraph = references; })
  // builder
  // file;

  image = derivation (what // { name = "${name}.tar"; });

  # A package is put on a PATH beside others, so its programs are named after
  # the image.
  programs =
    let
      short = storeName (baseNameOf imageName);
    in
    {
      stream = "stream-${short}";
      load = "load-${short}";
      push = "push-${short}";
    };
  commands = derivation (
    what
    // {
      name = "${name}-commands";
      commands = {
        bimanix = builder.builder;
        inherit programs;
      };
    }
  );
in
image
// builtins.mapAttrs (_: mainProgram: commands // { meta = { inherit mainProgram; }; }) programs
// {
  imageName = recipe.name;
  imageTag = if recipe.tag or "" == "" then "latest" else recipe.tag;
}
