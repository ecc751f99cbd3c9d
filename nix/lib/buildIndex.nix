{
  builder,
  refuse,
  storeName,
  system,
}:
/**
  Puts images of several architectures together as one, for images that are
  built apart: each on a machine of its own architecture, say. One recipe with
  `architectures` gives the same without it.

  bimanix itself is the builder, as for `buildImage`. The images stay as they
  are, to the byte.

  # Inputs

  `images`
  : a list of images: what `buildImage` gives, with one name and tag, or the
    paths of OCI archives and layout folders

  # Output

  A derivation of the tar, with `imageName` and `imageTag`.

  # Type

  ```
  buildIndex :: [ Derivation | Path ] -> Derivation
  ```

  # Examples

  ```nix
  buildIndex [
    (libFor "x86_64-linux").buildImage ./args.nix
    (libFor "aarch64-linux").buildImage ./args.nix
  ]
  ```
*/
images:
let
  place =
    index:
    let
      image = builtins.elemAt images index;
      isPlace = builtins.isPath image || builtins.isString image || image ? outPath;
    in
    if isPlace then
      "${image}"
    else
      refuse "buildIndex" "a value of type ${builtins.typeOf image} is not an image"
        "list what buildImage gives, or the paths of images";
  named = builtins.filter (image: builtins.isAttrs image && image ? imageName) images;
  first = builtins.head named;
  name = if named == [ ] then "image" else first.imageName;
in
if !builtins.isList images then
  refuse "buildIndex" "a value of type ${builtins.typeOf images} is not a list"
    "write buildIndex [ (buildImage …) (buildImage …) ]"
else
  derivation (
    {
      name = "${storeName name}.tar";
      inherit system;
      args = [
        "index"
        "--output"
        (placeholder "out")
        "--"
      ]
      ++ builtins.genList place (builtins.length images);
      # Copying the images to another machine takes longer than the build.
      preferLocalBuild = true;
    }
    // builder
  )
  // (
    if named == [ ] then
      { }
    else
      {
        inherit (first) imageName imageTag;
      }
  )
