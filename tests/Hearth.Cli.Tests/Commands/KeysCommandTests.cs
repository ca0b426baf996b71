using System.Text.Json;
using Hearth.Server.Access;

namespace Hearth.Cli.Tests.Commands;

public sealed class KeysCommandTests : IDisposable
{
    private readonly TestCli _cli = new();

    public void Dispose() => _cli.Dispose();

    [Theory]
    [InlineData(new string[0], new[] { KeyScope.Inference })]
    [InlineData(new[] { "--scope", "inference,models" }, new[] { KeyScope.Inference, KeyScope.Models })]
    [InlineData(new[] { "--scope", "metrics", "--scope", "models", "--scope", "metrics" }, new[] { KeyScope.Metrics, KeyScope.Models })]
    [InlineData(new[] { "--scope", "admin" }, new[] { KeyScope.Admin })]
    public async Task Key_HasTheScopesThatAreGiven(string[] options, KeyScope[] scopes)
    {
        (int code, string secret, _) = await _cli.RunAsync(["keys", "create", "phone", .. options]);

        ApiKey key = Assert.Single(_cli.Context.OpenKeys().List());
        Assert.Equal(ExitCode.Success, code);
        Assert.Equal(ApiKey.HashOf(secret.Trim()), key.Hash);
        Assert.Equal(scopes, key.Scopes);
    }

    [Theory]
    [InlineData("everything", "'everything' is not a scope; there are inference, models, metrics, admin.")]
    [InlineData("0", "'0' is not a scope")]
    [InlineData(",", "names no scope")]
    public async Task Scope_ThatIsNoneIsRefused(string scope, string message)
    {
        (int code, _, string error) = await _cli.RunAsync("keys", "create", "phone", "--scope", scope);

        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.Empty(_cli.Context.OpenKeys().List());
    }

    [Fact]
    public async Task List_ShowsScopes_AndThatOldKeysAreForEverything()
    {
        _cli.Write("api-keys.json", """{"keys":[{"name":"old","hash":"ab","created":"2026-01-01T00:00:00Z"}]}""");
        await _cli.RunAsync("keys", "create", "new", "--scope", "metrics,models");

        string table = await _cli.OutputOfAsync("keys", "list");
        using JsonDocument json = JsonDocument.Parse(await _cli.OutputOfAsync("keys", "list", "--json"));

        Assert.Matches("(?m)^new .* metrics,models ", table);
        Assert.Matches("(?m)^old .* admin ", table);
        Assert.Equal("""["metrics","models"]|["admin"]""", string.Join('|', json.RootElement.EnumerateArray().Select(key => JsonSerializer.Serialize(key.GetProperty("scopes")))));
    }
}
