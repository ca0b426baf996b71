using Hearth.Store.References;

namespace Hearth.Store.Archives;

/// <summary>The names of files in an archive, and of what is said of its manifests.</summary>
internal static class ArchiveNames
{
    public const string Layout = "oci-layout";
    public const string LayoutVersion = "1.0.0";
    public const string Index = "index.json";
    public const string DockerManifest = "manifest.json";
    public const string BlobFolder = "blobs/sha256/";

    /// <summary>The annotation with the tag (OCI image specification, "Pre-Defined Annotation Keys"); other programs put whole references there.</summary>
    public const string TagAnnotation = "org.opencontainers.image.ref.name";

    /// <summary>The annotation with the whole reference, as containerd writes it.</summary>
    public const string NameAnnotation = "io.containerd.image.name";

    /// <summary>The file of a content.</summary>
    public static string OfBlob(Digest digest) => BlobFolder + digest.Hex;
}
