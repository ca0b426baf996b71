namespace Hearth.EndToEnd.Tests;

/// <summary>A folder that goes away with the test.</summary>
internal sealed class TemporaryFiles : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hearth-test-");

    public string Write(string name, ReadOnlySpan<byte> content)
    {
        string path = Combine(name);
        File.WriteAllBytes(path, content);
        return path;
    }

    public string Combine(string name) => Path.Combine(_folder.FullName, name);

    public void Dispose() => _folder.Delete(recursive: true);
}
