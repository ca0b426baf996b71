namespace Hearth.Store.Manifests;

/// <summary>A manifest, or the config that it names, that is broken or of something else than a model.</summary>
/// <param name="message">What is wrong, for people.</param>
/// <param name="isUnsupported">Whether it may be sound, and only not a model that Hearth knows.</param>
/// <param name="inner">The cause.</param>
public sealed class ManifestException(string message, bool isUnsupported = false, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether it may be sound, and only not a model that Hearth knows.</summary>
    public bool IsUnsupported => isUnsupported;
}
