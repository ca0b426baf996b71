using System.Text.RegularExpressions;
using System.Xml.Linq;
using Hearth.Tests;

namespace Hearth.EndToEnd.Tests;

/// <summary>Pins the design: who refers to whom, and where unsafe code may be.</summary>
public sealed partial class ArchitectureTests
{
    private static readonly string s_families = Path.Combine(Golden.RepositoryRoot, "src", "Hearth.Engine", "Models", "Families");

    [Theory]
    [InlineData("src/Hearth.Kernels", "")]
    [InlineData("src/Hearth.Engine", "Hearth.Kernels")]
    [InlineData("src/Hearth.Store", "")]
    [InlineData("src/Hearth.Server", "Hearth.Engine, Hearth.Store")]
    [InlineData("src/Hearth.Cli", "Hearth.Server")]
    [InlineData("tools/Hearth.Training", "Hearth.Engine")]
    [InlineData("bench/Hearth.Benchmarks", "Hearth.Engine")]
    public void Project_RefersToNothingElse(string project, string expected)
    {
        IEnumerable<string> references = Load(project).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')));

        Assert.Equal(expected, string.Join(", ", references.Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void SourceFolder_HasNoProjectThatIsNotPinned()
    {
        string[] projects = [.. Directory.GetDirectories(Path.Combine(Golden.RepositoryRoot, "src")).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

        Assert.Equal(["Hearth.Cli", "Hearth.Engine", "Hearth.Kernels", "Hearth.Server", "Hearth.Store"], projects);
    }

    [Fact]
    public void UnsafeCode_IsAllowedInKernelsOnly()
    {
        string[] allowing = [.. Directory.GetFiles(Golden.RepositoryRoot, "*.csproj", SearchOption.AllDirectories)
            .Where(path => File.ReadAllText(path).Contains("AllowUnsafeBlocks", StringComparison.Ordinal))
            .Select(path => Path.GetFileNameWithoutExtension(path))];

        Assert.Equal(["Hearth.Kernels"], allowing.Where(name => !name.EndsWith(".Tests", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("src/Hearth.Kernels")]
    [InlineData("src/Hearth.Engine")]
    public void LowerLayers_HaveNoPackagesAndNoHttp(string project)
    {
        XDocument document = Load(project);

        Assert.Empty(document.Descendants("PackageReference"));
        Assert.Empty(document.Descendants("FrameworkReference"));
    }

    /// <summary>Who reaches other programs and machines: whoever is new here needs a reason.</summary>
    [Fact]
    public void ProgramsAndConnections_AreMadeInFewPlaces()
    {
        string sources = Path.Combine(Golden.RepositoryRoot, "src");
        string[] reaching = [.. Directory.GetDirectories(sources)
            .SelectMany(project => Directory.GetDirectories(project).Where(folder => Path.GetFileName(folder) is not ("bin" or "obj")).SelectMany(folder => Directory.GetFiles(folder, "*.cs", SearchOption.AllDirectories)).Concat(Directory.GetFiles(project, "*.cs")))
            .Where(path => Reach().IsMatch(File.ReadAllText(path)))
            .Select(path => Path.GetRelativePath(sources, path).Replace('\\', '/'))
            .Order(StringComparer.Ordinal)];

        Assert.Equal(
            [
                "Hearth.Cli/Diagnosis/MachineChecks.cs",
                "Hearth.Cli/Diagnosis/ServerChecks.cs",
                "Hearth.Cli/Remote/ServerClient.cs",
                "Hearth.Cli/Updates/ReleaseFeed.cs",
                "Hearth.Server/ListenAddress.cs",
                "Hearth.Store/Registries/Http/RegistryHttp.cs",
                "Hearth.Store/Registries/Http/RegistryNetwork.cs",
                "Hearth.Store/Registries/Oci/CredentialHelper.cs",
            ],
            reaching);
    }

    [Fact]
    public void Families_AreShort()
    {
        string[] tooLong = [.. Directory.GetFiles(s_families, "*.cs").Where(path => File.ReadLines(path).Count() >= 100).Select(path => Path.GetFileName(path)!)];

        Assert.Empty(tooLong);
    }

    /// <summary>
    /// What a model does follows from its description. The quantiser's choice of types is by architecture and stays with it.
    /// </summary>
    [Fact]
    public void Architectures_AreToldApartInFamiliesOnly()
    {
        string engine = Path.Combine(Golden.RepositoryRoot, "src", "Hearth.Engine");
        string[] comparing = [.. Directory.GetDirectories(engine)
            .Where(folder => Path.GetFileName(folder) is not ("bin" or "obj" or "Quantization"))
            .SelectMany(folder => Directory.GetFiles(folder, "*.cs", SearchOption.AllDirectories))
            .Where(path => !path.StartsWith(s_families, StringComparison.Ordinal) && Comparison().IsMatch(File.ReadAllText(path)))
            .Select(path => Path.GetRelativePath(engine, path))];

        Assert.Empty(comparing);
    }

    // A comparison with a literal or a constant.
    [GeneratedRegex("""\b[Aa]rchitecture\)?\s*((==|!=)\s*["A-Z]|is\s+(not\s+)?\(?"|switch\b|\.(Equals|StartsWith|EndsWith|Contains)\()""")]
    private static partial Regex Comparison();

    [GeneratedRegex(@"\bProcess(StartInfo)?\b.*(\.Start\(|new)|\bnew (HttpClient|HttpMessageInvoker|HttpClientHandler|SocketsHttpHandler|Socket|TcpClient|UdpClient|ClientWebSocket|Ping)\b|\b(Socket|TcpClient|UdpClient|HttpClient) \w+ = new\(|\bDns\.")]
    private static partial Regex Reach();

    private static XDocument Load(string project) =>
        XDocument.Load(Path.Combine(Golden.RepositoryRoot, project, Path.GetFileName(project) + ".csproj"));
}
