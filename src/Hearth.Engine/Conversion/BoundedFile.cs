namespace Hearth.Engine.Conversion;

/// <summary>Reads whole files of a size that is bounded.</summary>
internal static class BoundedFile
{
    /// <summary>The file's bytes.</summary>
    /// <exception cref="ConversionException">It is larger.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static byte[] Read(string path, long maxBytes)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        if (file.Length > maxBytes)
        {
            throw ConversionException.InvalidFile(path, $"it has {file.Length} bytes, more than the {maxBytes} that such a file may have.");
        }

        byte[] bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }
}
