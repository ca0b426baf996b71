namespace Hearth.Store.Manifests;

/// <summary>The paths that layers are annotated with come from whoever packaged the model, and must stay in the model's folder.</summary>
internal static class LayerPath
{
    /// <exception cref="ManifestException">The layer's path leads out of the model's folder.</exception>
    public static void Check(Descriptor layer)
    {
        if (LayerClassifier.PathOf(layer) is { } path && FindFault(path) is { } fault)
        {
            throw new ManifestException($"The path '{ConfigReader.Printable(path)}' of the layer {layer.Digest.Abbreviated} is not safe: it {fault}.");
        }
    }

    private static string? FindFault(string path) =>
        path.Any(char.IsControl) ? "has control characters"
        : path.Contains('\\') ? "has a backslash"
        : path[0] == '/' ? "is absolute"
        : path.Length > 1 && path[1] == ':' && char.IsAsciiLetter(path[0]) ? "begins with a drive"
        : path.Split('/').Any(part => part.Trim() == "..") ? "leads upwards"
        : null;
}
