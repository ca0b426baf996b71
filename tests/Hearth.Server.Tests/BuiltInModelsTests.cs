using System.Reflection;

namespace Hearth.Server.Tests;

public sealed class BuiltInModelsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hearth-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Locate_WritesAModelThatIsInsideTheProgramOnce()
    {
        Assembly program = typeof(BuiltInModelsTests).Assembly;

        string first = BuiltInModels.Locate(_folder, program, () => _folder);
        DateTime written = File.GetLastWriteTimeUtc(first);
        string second = BuiltInModels.Locate(_folder, program, () => _folder);

        Assert.Equal((first, written), (second, File.GetLastWriteTimeUtc(second)));
        Assert.Equal(File.ReadAllBytes(BuiltInModels.Find(BuiltInModels.Guide)!), File.ReadAllBytes(first));
        Assert.Equal([first], Directory.GetFiles(Path.GetDirectoryName(first)!));
    }

    [Fact]
    public void Locate_PrefersTheFileBesideTheProgram()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "models"));
        string beside = Path.Combine(_folder, "models", "guide.gguf");
        File.WriteAllText(beside, "here");

        Assert.Equal(beside, BuiltInModels.Locate(_folder, typeof(BuiltInModelsTests).Assembly, () => throw new InvalidOperationException()));
    }
}
