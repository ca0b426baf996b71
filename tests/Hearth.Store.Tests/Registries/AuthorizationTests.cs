using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Hearth.Store.Registries;
using Hearth.Store.Tests.Fakes;
using Hearth.Store.Transfer;
using Microsoft.AspNetCore.Http;

namespace Hearth.Store.Tests.Registries;

public sealed class AuthorizationTests : IDisposable
{
    private const string Token = "the-token";
    private static readonly string s_basic = "Basic " + Convert.ToBase64String("user:pass:word"u8);
    private readonly FakeStore _store = new();
    private readonly byte[] _weights = FakeModel.Content(5000);

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task Token_IsGotWithoutCredentials_AndUsedForAll()
    {
        await using FakeServer tokens = await TokensAsync();
        await using FakeRegistry registry = await RegistryAsync(tokens.Address);
        await _store.PullAsync($"{registry.Host}/team/model");
        SeenRequest request = Assert.Single(tokens.Requests);
        Assert.Null(request.Authorization);
        Assert.Equal("?service=the%20registry&scope=repository%3Ateam%2Fmodel%3Apull", request.Query);
        Assert.Single(registry.Requests, seen => seen.Authorization is null);
        Assert.Equal(3, registry.Requests.Count(seen => seen.Authorization == $"Bearer {Token}"));
    }

    [Fact]
    public async Task Token_IsGotWithTheCredentialsOfConfigJson()
    {
        await using FakeServer tokens = await TokensAsync();
        await using FakeRegistry registry = await RegistryAsync(tokens.Address);
        WriteAuths((registry.Host, "auth", s_basic["Basic ".Length..]), ("other.example", "auth", "eDp5"));
        await _store.PullAsync($"{registry.Host}/team/model");
        Assert.Equal(s_basic, Assert.Single(tokens.Requests).Authorization);
        Assert.DoesNotContain(registry.Requests, seen => seen.Authorization == s_basic);
    }

    [Fact]
    public async Task IdentityToken_IsPosted()
    {
        string? form = null;
        await using FakeServer tokens = await FakeServer.StartAsync(async context =>
        {
            using StreamReader reader = new(context.Request.Body);
            form = await reader.ReadToEndAsync();
            await context.Response.WriteAsync($$"""{"access_token":"{{Token}}"}""");
        });
        await using FakeRegistry registry = await RegistryAsync(tokens.Address);
        WriteAuths(($"https://{registry.Host}/v2/", "identitytoken", "the-identity"));
        await _store.PullAsync($"{registry.Host}/team/model");
        Assert.Equal("POST", Assert.Single(tokens.Requests).Method);
        Assert.Equal("grant_type=refresh_token&client_id=hearth&refresh_token=the-identity&service=the+registry&scope=repository%3Ateam%2Fmodel%3Apull", form);
    }

    [Fact]
    public async Task Basic_IsSentWhereThatIsAskedFor()
    {
        await using FakeRegistry registry = await BasicRegistryAsync();
        WriteAuths((registry.Host, "username", "user"), (registry.Host, "password", "pass:word"));
        await _store.PullAsync($"{registry.Host}/team/model");
        Assert.Single(registry.Requests, seen => seen.Authorization is null);
    }

    [Fact]
    public async Task CredentialsThatAreRefused_AreNotTriedAgain()
    {
        await using FakeRegistry registry = await BasicRegistryAsync();
        WriteAuths((registry.Host, "username", "user"), (registry.Host, "password", "wrong"));
        RegistryException exception = await Assert.ThrowsAsync<RegistryException>(() => _store.PullAsync($"{registry.Host}/team/model"));
        Assert.Equal(RegistryErrorKind.Unauthorized, exception.Kind);
        Assert.DoesNotContain("wrong", exception.ToString(), StringComparison.Ordinal);
        Assert.Equal(2, registry.Requests.Count);
    }

    [Theory]
    [InlineData("{ broken")]
    [InlineData("[]")]
    [InlineData("{\"auths\":7,\"credHelpers\":[],\"credsStore\":{}}")]
    [InlineData("{\"auths\":{\"HOST\":{\"auth\":\"not base64!\"}}}")]
    [InlineData("{\"auths\":{\"HOST\":{\"auth\":[1]}}}")]
    [InlineData("{\"auths\":{\"HOST\":null}}")]
    public async Task BrokenConfigJson_CountsAsNoCredentials(string config)
    {
        await using FakeServer tokens = await TokensAsync();
        await using FakeRegistry registry = await RegistryAsync(tokens.Address);
        WriteConfig(config.Replace("HOST", registry.Host, StringComparison.Ordinal));
        await _store.PullAsync($"{registry.Host}/team/model");
        Assert.Null(Assert.Single(tokens.Requests).Authorization);
    }

    [Fact]
    public async Task BrokenConfigJson_IsToldWhereCredentialsAreNeeded()
    {
        await using FakeRegistry registry = await BasicRegistryAsync();
        WriteConfig("{ broken");
        RegistryException exception = await Assert.ThrowsAsync<RegistryException>(() => _store.PullAsync($"{registry.Host}/team/model"));
        Assert.Contains("config.json' cannot be read", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TokenOfTheTransfer_IsSentInPlaceOfCredentials()
    {
        await using FakeServer tokens = await TokensAsync();
        await using FakeRegistry registry = await RegistryAsync(tokens.Address);
        await _store.PullAsync($"{registry.Host}/team/model", new TransferOptions { Token = Token });
        Assert.Empty(tokens.Requests);
        Assert.All(registry.Requests, seen => Assert.Equal($"Bearer {Token}", seen.Authorization));
    }

    [Fact]
    public async Task CredentialsOfDockerHub_AreNotSentToMirrors()
    {
        await using FakeServer tokens = await TokensAsync(), mirrorTokens = await TokensAsync();
        await using FakeRegistry hub = await RegistryAsync(tokens.Address), mirror = await RegistryAsync(mirrorTokens.Address, "ai/other");
        using FakeStore store = new(options => options with { DockerHub = hub.Address, Mirrors = [mirror.Host], DockerConfigFolder = _store.Options.DockerConfigFolder });
        WriteAuths(("https://index.docker.io/v1/", "auth", s_basic["Basic ".Length..]));
        await store.PullAsync("team/model");
        Assert.Null(Assert.Single(mirrorTokens.Requests).Authorization);
        Assert.Equal(s_basic, Assert.Single(tokens.Requests).Authorization);
    }

    [Fact]
    public async Task RealmAtAPrivateAddress_OfARegistryElsewhere_IsRefused()
    {
        await using FakeServer tokens = await TokensAsync();
        await using FakeRegistry registry = await RegistryAsync(new Uri($"http://inside.example:{tokens.Port}"));
        using FakeStore store = new(options => options with
        {
            InsecureRegistries = ["outside.example"],
            Network = new FakeNetwork(new Dictionary<string, IPAddress> { ["outside.example"] = FakeNetwork.Public, ["inside.example"] = IPAddress.Parse("172.16.0.9") }),
        });
        RegistryException exception = await Assert.ThrowsAsync<RegistryException>(() => store.PullAsync($"outside.example:{registry.Port}/team/model"));
        Assert.Equal(RegistryErrorKind.Refused, exception.Kind);
        Assert.Empty(tokens.Requests);
    }

    [Fact]
    public async Task RealmWithoutEncryption_OfAnEncryptedRegistry_IsRefused()
    {
        await using FakeServer tokens = await TokensAsync();
        using TestCertificates certificates = new();
        await using FakeRegistry registry = await FakeRegistry.StartAsync(certificates.Server);
        Challenge(registry, $"Bearer realm=\"{tokens.Address}token\"");
        using FakeStore store = new(options => options with { CertificateFile = certificates.AuthorityFile });
        RegistryException exception = await Assert.ThrowsAsync<RegistryException>(() => store.PullAsync($"localhost:{registry.Port}/team/model"));
        Assert.Equal(RegistryErrorKind.Refused, exception.Kind);
        Assert.Contains("not encrypted", exception.Message, StringComparison.Ordinal);
        Assert.Empty(tokens.Requests);
    }

    [Fact]
    public async Task RealmAtAnotherHost_OfOllama_IsRefused()
    {
        await using FakeServer tokens = await TokensAsync();
        await using FakeRegistry registry = await RegistryAsync(new Uri($"http://localhost:{tokens.Port}"));
        using FakeStore store = new(options => options with { Ollama = registry.Address });
        RegistryException exception = await Assert.ThrowsAsync<RegistryException>(() => store.PullAsync("ollama.com/library/tiny"));
        Assert.Equal(RegistryErrorKind.Refused, exception.Kind);
        Assert.Empty(tokens.Requests);
    }

    [Theory]
    [InlineData("Bearer realm=\"not an address\"")]
    [InlineData("Bearer realm=\"file:///etc/passwd\"")]
    [InlineData("Bearer")]
    public async Task RealmThatIsNone_IsInvalid(string challenge)
    {
        await using FakeRegistry registry = await FakeRegistry.StartAsync();
        Challenge(registry, challenge);
        Assert.Equal(RegistryErrorKind.Invalid, (await Assert.ThrowsAsync<RegistryException>(() => _store.PullAsync($"{registry.Host}/team/model"))).Kind);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("no JSON")]
    [InlineData("{\"token\":\"two\\r\\nlines\"}")]
    [InlineData("{\"token\":7}")]
    public async Task TokenThatIsNone_IsInvalid(string answer)
    {
        await using FakeServer tokens = await FakeServer.StartAsync(context => context.Response.WriteAsync(answer));
        await using FakeRegistry registry = await RegistryAsync(tokens.Address);
        Assert.Equal(RegistryErrorKind.Invalid, (await Assert.ThrowsAsync<RegistryException>(() => _store.PullAsync($"{registry.Host}/team/model"))).Kind);
    }

    [Fact]
    public async Task TokenOfAMegabyteAndMore_IsNotRead()
    {
        await using FakeServer tokens = await FakeServer.StartAsync(context => context.Response.WriteAsync($$"""{"token":"{{new string('x', 2 << 20)}}"}"""));
        await using FakeRegistry registry = await RegistryAsync(tokens.Address);
        Assert.Equal(RegistryErrorKind.Invalid, (await Assert.ThrowsAsync<RegistryException>(() => _store.PullAsync($"{registry.Host}/team/model"))).Kind);
    }

    [Fact]
    public async Task TokenThatHasExpired_IsRenewedBeforeItIsRefused()
    {
        FakeTime time = new();
        await using FakeServer tokens = await TokensAsync();
        await using FakeRegistry registry = await RegistryAsync(tokens.Address);
        registry.BeforeBlob = _ =>
        {
            time.Advance(TimeSpan.FromMinutes(5));
            return Task.CompletedTask;
        };
        using FakeStore store = new(time: time);
        await store.PullAsync($"{registry.Host}/team/model");
        Assert.Equal(2, tokens.Requests.Count);
        Assert.Single(registry.Requests, seen => seen.Authorization is null);
    }

    [Theory]
    [InlineData("credHelpers")]
    [InlineData("credsStore")]
    public async Task CredentialHelper_IsAsked(string how)
    {
        SkipOnWindows();
        await using FakeRegistry registry = await BasicRegistryAsync();
        WriteHelper("test", $$"""
            read key; [ "$1 $key" = "get {{registry.Host}}" ] || { echo "credentials not found in native keychain"; exit 1; }
            echo '{"ServerURL":"x","Username":"user","Secret":"pass:word"}'
            """);
        WriteConfig(how == "credsStore" ? """{"credsStore":"test"}""" : $$$"""{"credHelpers":{"{{{registry.Host}}}":"test"},"credsStore":"absent"}""");
        await _store.PullAsync($"{registry.Host}/team/model");
        Assert.Contains(registry.Requests, seen => seen.Authorization == s_basic);
    }

    [Theory]
    [InlineData("exit 3")]
    [InlineData("echo 'no JSON'")]
    [InlineData("yes")]
    [InlineData(null)]
    public async Task CredentialHelperThatFails_IsToldWhereCredentialsAreNeeded(string? script)
    {
        SkipOnWindows();
        await using FakeRegistry registry = await BasicRegistryAsync();
        WriteConfig("""{"credsStore":"test"}""");
        if (script is not null)
        {
            WriteHelper("test", script);
        }

        RegistryException exception = await Assert.ThrowsAsync<RegistryException>(() => _store.PullAsync($"{registry.Host}/team/model"));
        Assert.Equal(RegistryErrorKind.Unauthorized, exception.Kind);
        Assert.Contains("'docker-credential-test'", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../../bin/sh")]
    [InlineData("a b")]
    [InlineData("x;y")]
    public async Task CredentialHelperWhoseNameIsAPath_IsNotRun(string name)
    {
        await using FakeRegistry registry = await BasicRegistryAsync();
        WriteConfig($$$"""{"credsStore":"{{{name}}}"}""");
        RegistryException exception = await Assert.ThrowsAsync<RegistryException>(() => _store.PullAsync($"{registry.Host}/team/model"));
        Assert.Contains("is no name of a program", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Login_ChecksAndKeepsCredentials_AndLogoutForgetsThem()
    {
        await using FakeRegistry registry = await BasicRegistryAsync();
        string path = WriteConfig("""{"currentContext":"here","auths":{"other.example":{"auth":"eDp5"}},"plugins":{"a":{"b":"1"}}}""");
        Assert.Equal(path, await RegistryCredentials.LoginAsync(registry.Host, "user", "pass:word", _store.Options, cancellationToken: TestContext.Current.CancellationToken));
        await _store.PullAsync($"{registry.Host}/team/model");
        string kept = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        Assert.Contains("\"currentContext\": \"here\"", kept, StringComparison.Ordinal);
        Assert.Contains("\"b\": \"1\"", kept, StringComparison.Ordinal);
        Assert.Contains("other.example", kept, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }

        Assert.True(await RegistryCredentials.LogoutAsync(registry.Host, _store.Options, TestContext.Current.CancellationToken));
        Assert.False(await RegistryCredentials.LogoutAsync(registry.Host, _store.Options, TestContext.Current.CancellationToken));
        Assert.DoesNotContain(registry.Host, await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(path)!));
    }

    [Fact]
    public async Task LoginThatIsRefused_KeepsNothing()
    {
        await using FakeRegistry registry = await BasicRegistryAsync();
        RegistryException exception = await Assert.ThrowsAsync<RegistryException>(
            () => RegistryCredentials.LoginAsync(registry.Host, "user", "wrong", _store.Options, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(RegistryErrorKind.Unauthorized, exception.Kind);
        Assert.False(Directory.Exists(_store.Options.DockerConfigFolder));
    }

    [Fact]
    public async Task LoginWithABrokenConfigJson_LeavesItAsItIs()
    {
        await using FakeRegistry registry = await BasicRegistryAsync();
        string path = WriteConfig("{ broken");
        await Assert.ThrowsAsync<RegistryException>(() => RegistryCredentials.LoginAsync(registry.Host, "user", "pass:word", _store.Options, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal("{ broken", await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task LoginToDockerHub_UsesItsKey_AndTheHelper()
    {
        SkipOnWindows();
        await using FakeServer tokens = await TokensAsync();
        await using FakeRegistry hub = await RegistryAsync(tokens.Address);
        string kept = _store.Folder["kept"];
        WriteConfig("""{"credsStore":"test"}""");
        WriteHelper("test", $$"""
            case "$1" in
            store) cat > "{{kept}}" ;;
            get) cat > /dev/null; [ -f "{{kept}}" ] && cat "{{kept}}" || { echo "credentials not found"; exit 1; } ;;
            erase) rm "{{kept}}" ;;
            esac
            """);
        RegistryOptions options = _store.Options with { DockerHub = hub.Address };
        Assert.Equal("docker-credential-test", await RegistryCredentials.LoginAsync("docker.io", "user", "pass:word", options, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(s_basic, Assert.Single(tokens.Requests).Authorization);
        Assert.Equal("""{"ServerURL":"https://index.docker.io/v1/","Username":"user","Secret":"pass:word"}""", await File.ReadAllTextAsync(kept, TestContext.Current.CancellationToken));
        Assert.True(await RegistryCredentials.LogoutAsync("docker.io", options, TestContext.Current.CancellationToken));
        Assert.False(File.Exists(kept));
    }

    private static void SkipOnWindows() => Assert.SkipWhen(OperatingSystem.IsWindows(), "The helper of the test is a shell script.");

    private static Task<FakeServer> TokensAsync() => FakeServer.StartAsync(context => context.Response.WriteAsync($$"""{"token":"{{Token}}","expires_in":120}"""));

    private static void Challenge(FakeRegistry registry, string challenge, string? accepted = null) => registry.Intercept = context =>
    {
        if (accepted is not null && context.Request.Headers.Authorization == accepted)
        {
            return Task.FromResult(false);
        }

        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.Headers.WWWAuthenticate = challenge;
        return Task.FromResult(true);
    };

    private async Task<FakeRegistry> RegistryAsync(Uri tokens, string repository = "team/model")
    {
        FakeRegistry registry = await FakeRegistry.StartAsync();
        registry.AddModel(repository, "latest", _weights);
        Challenge(registry, $"Bearer realm=\"{tokens}token\",service=\"the registry\",scope=\"repository:team/model:pull\"", $"Bearer {Token}");
        return registry;
    }

    private async Task<FakeRegistry> BasicRegistryAsync()
    {
        FakeRegistry registry = await FakeRegistry.StartAsync();
        registry.AddModel("team/model", "latest", _weights);
        Challenge(registry, "Basic realm=\"Registry\"", s_basic);
        return registry;
    }

    private string WriteConfig(string text)
    {
        string path = Path.Combine(Directory.CreateDirectory(_store.Options.DockerConfigFolder!).FullName, "config.json");
        File.WriteAllText(path, text);
        return path;
    }

    private void WriteAuths(params (string Key, string Name, string Value)[] entries)
    {
        JsonObject auths = [];
        foreach ((string key, string name, string value) in entries)
        {
            (auths[key] ??= new JsonObject())[name] = value;
        }

        WriteConfig(new JsonObject { ["auths"] = auths }.ToJsonString());
    }

    private void WriteHelper(string name, string script)
    {
        string path = Path.Combine(Directory.CreateDirectory(_store.Options.CredentialHelperFolder!).FullName, $"docker-credential-{name}");
        File.WriteAllBytes(path, Encoding.UTF8.GetBytes($"#!/bin/sh\n{script}\n"));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
