using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Hearth.Store.Tests.Fakes;
using Hearth.Tests;

namespace Hearth.EndToEnd.Tests;

/// <summary>Models on their way from one machine to another, through a real registry.</summary>
public sealed class RegistryTests : IDisposable
{
    private const string Question = "How do I stream an answer?";
    private static readonly string s_guide = Path.Combine(Golden.RepositoryRoot, "models", "guide", "guide.gguf");
    private readonly TemporaryFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Model_GoesThroughARegistryAndAnswersElsewhere()
    {
        using DockerRegistry registry = await DockerRegistry.StartAsync();
        string reference = $"{registry.Host}/team/guide:v1";
        string here = Home("here"), there = Home("there");

        await SucceedAsync(here, "package", "--gguf", s_guide, "--license", Path.Combine(Golden.RepositoryRoot, "LICENSE"), "--context-size", "512", reference);
        string id = await SucceedAsync(here, "list", "-q");
        await SucceedAsync(here, "push", reference);
        await SucceedAsync(here, "rm", reference);
        Assert.Equal(string.Empty, await SucceedAsync(here, "list", "-q"));
        await SucceedAsync(there, "pull", reference);

        Assert.Equal(id, await SucceedAsync(there, "list", "-q"));
        Assert.Equal(await SucceedAsync(there, "run", "guide", Question, "--temp", "0"), await SucceedAsync(there, "run", reference, Question, "--temp", "0"));
        Assert.StartsWith("Already up to date", await SucceedAsync(there, "pull", reference), StringComparison.Ordinal);
        Assert.Contains("all as it should be", await SucceedAsync(there, "verify"), StringComparison.Ordinal);
        byte[] manifest = await DockerRegistry.RunAsync("skopeo", "inspect", "--raw", "--tls-verify=false", $"docker://{reference}");
        Assert.Equal("application/vnd.docker.ai.model.config.v0.1+json", JsonDocument.Parse(manifest).RootElement.GetProperty("config").GetProperty("mediaType").GetString());
    }

    [Fact]
    public async Task Run_PullsWhatIsMissingAndAServerSeesIt()
    {
        using DockerRegistry registry = await DockerRegistry.StartAsync();
        string reference = $"{registry.Host}/team/guide:v1";
        string here = Home("here"), there = Home("there");
        await SucceedAsync(here, "package", "--gguf", s_guide, "--push", reference);
        await using ServerProcess server = await ServerProcess.StartInAsync(there);
        object request = new { model = reference, max_tokens = 8, messages = new[] { new { role = "user", content = Question } } };
        using HttpResponseMessage before = await server.Client.PostAsJsonAsync("/v1/chat/completions", request, TestContext.Current.CancellationToken);

        (int code, string answer, string notes) = await HearthProcess.RunAsync(["run", reference, Question, "--temp", "0"], home: there);
        using HttpResponseMessage after = await server.Client.PostAsJsonAsync("/v1/chat/completions", request, TestContext.Current.CancellationToken);

        Assert.Equal((0, 404, 200), (code, (int)before.StatusCode, (int)after.StatusCode));
        Assert.Contains("stream", answer, StringComparison.OrdinalIgnoreCase);
        Assert.Contains(reference, notes, StringComparison.Ordinal);
        Assert.Contains("team/guide", await server.Client.GetStringAsync("/v1/models", TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RegistryWithPasswordAndOwnCertificates_WantsALogin()
    {
        using TestCertificates certificates = new();
        using DockerRegistry registry = await DockerRegistry.StartAsync(certificates, hasPassword: true);
        string reference = $"{registry.Host}/team/guide:v1";
        string here = Home("here"), there = Home("there");
        await SucceedAsync(here, "package", "--gguf", s_guide, reference);

        (int unknown, _, string distrusted) = await HearthProcess.RunAsync(["push", reference], home: here);
        (int refused, _, string unauthorized) = await HearthProcess.RunAsync(["push", reference], home: here, certificates: certificates.AuthorityFile);
        (int wrong, _, _) = await HearthProcess.RunAsync(["login", registry.Host, "-u", DockerRegistry.User, "--password-stdin"], "wrong"u8.ToArray(), here, certificates.AuthorityFile);
        byte[] password = Encoding.UTF8.GetBytes(DockerRegistry.Password + "\n");
        (int login, _, _) = await HearthProcess.RunAsync(["login", registry.Host, "-u", DockerRegistry.User, "--password-stdin"], password, here, certificates.AuthorityFile);
        (int pushed, _, _) = await HearthProcess.RunAsync(["push", reference], home: here, certificates: certificates.AuthorityFile);
        await HearthProcess.RunAsync(["login", registry.Host, "-u", DockerRegistry.User, "--password-stdin"], password, there, certificates.AuthorityFile);
        (int pulled, _, _) = await HearthProcess.RunAsync(["pull", reference], home: there, certificates: certificates.AuthorityFile);

        Assert.Equal((1, 1, 1, 0, 0, 0), (unknown, refused, wrong, login, pushed, pulled));
        Assert.Contains("certificate", distrusted, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("hearth login", unauthorized, StringComparison.Ordinal);
        Assert.DoesNotContain(DockerRegistry.Password, distrusted + unauthorized, StringComparison.Ordinal);
        Assert.Equal(await SucceedAsync(here, "list", "-q"), await SucceedAsync(there, "list", "-q"));
    }

    [Fact]
    public async Task Archive_CarriesAModelWithoutARegistry()
    {
        string here = Home("here"), there = Home("there"), archive = _files.Combine("guide.tar");
        await SucceedAsync(here, "package", "--gguf", s_guide, "--format", "cncf", "team/guide");

        await SucceedAsync(here, "save", "-o", archive, "team/guide");
        await SucceedAsync(there, "load", "-i", archive);

        Assert.Equal(await SucceedAsync(here, "list", "-q"), await SucceedAsync(there, "list", "-q"));
        Assert.Contains("stream", await SucceedAsync(there, "run", "team/guide", Question, "--temp", "0"), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Modelfile_MakesAModelWithItsOwnParameters()
    {
        string here = Home("here"), file = _files.Combine("Modelfile");
        await File.WriteAllTextAsync(file, $"FROM {s_guide}\nPARAMETER num_predict 3\nPARAMETER temperature 0\n", TestContext.Current.CancellationToken);

        await SucceedAsync(here, "create", "team/short", "-f", file);
        string answer = await SucceedAsync(here, "run", "team/short", Question);

        Assert.InRange(answer.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length, 1, 3);
        Assert.Contains("PARAMETER num_predict 3", await SucceedAsync(here, "show", "team/short", "--modelfile"), StringComparison.Ordinal);
    }

    private string Home(string name) => Directory.CreateDirectory(_files.Combine(name)).FullName;

    private static async Task<string> SucceedAsync(string home, params string[] arguments)
    {
        (int code, string output, string error) = await HearthProcess.RunAsync(arguments, home: home);
        Assert.True(code == 0, $"hearth {string.Join(' ', arguments)}: {code}: {error}");
        return output;
    }
}
