using System.Text;
using Hearth.Server.Access;
using Hearth.Server.Settings;
using Hearth.Tests.Fuzzing;

namespace Hearth.Server.Tests.Settings;

/// <summary>Changed files of settings and of keys, and origins: each is read or refused; what is read can be changed and read again.</summary>
public sealed class SettingsFuzzTests(ITestOutputHelper output) : FuzzTests(output), IDisposable
{
    // Each is flushed to the drive.
    private const int RoundsBetweenWrites = 16;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hearth-test-");

    // What it is, and its text.
    private protected override FuzzTarget Target => new("settings", Read)
    {
        Seeds =
        [
            .. new[]
            {
                """s{"models":{"m":{"ctx-size":"4096","temp":0.5,"lora":["/x.gguf","/y.gguf:0.5"],"keep-alive":"10m"},"n":{"parallel":2,"top-p":"0.9","spec-draft-n-max":"4"}},"server":{"listen":"127.0.0.1:1","allow-host":["a","b"]}}""",
                $"s{{\"models\":{{\"m\":{{{string.Join(',', ModelSettingTable.All.Select(setting => $"\"{setting.Name}\":\"1\""))}}}}}}}",
                """k{"keys":[{"name":"a","hash":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","created":"2025-01-02T03:04:05Z","requestsPerMinute":5,"tokensPerMinute":100,"tokensPerDay":1000},{"name":"b","hash":"00","created":"2025-01-02T03:04:05+01:00"}]}""",
                "ohttps://*.example.com:*", "ohttp://localhost:3000", "o*", "ochrome-extension://abc",
            }.Select(Encoding.UTF8.GetBytes),
        ],
        Words =
        [
            .. ModelSettingTable.All.Select(setting => $"\"{setting.Name}\":"), .. ModelSettingTable.All.Select(setting => setting.HelpName).Distinct(), "\"models\":{", "\"server\":{", "\"keys\":[", "\"hash\":", "\"name\":", "on", "off", "auto", "none", "-1", "1e999", "5m", "1GiB", "/x:0.5", "null", "[]", "{}",
            "\"\\ud800\"", "\"\\u0000\"", "*", "://", ":65536", "[::1]",
        ],
        IsRefusal = FuzzTarget.Refusals(typeof(SettingsFileException), typeof(SettingException), typeof(FormatException)),
        MaxMessage = int.MaxValue,
        Rounds = 400,
        AllocationPerByte = 1024,
    };

    public void Dispose() => _folder.Delete(recursive: true);

    private string Read(byte[] bytes)
    {
        byte[] text = bytes[Math.Min(1, bytes.Length)..];
        string path = Path.Combine(_folder.FullName, "file.json");
        switch ((char)bytes.ElementAtOrDefault(0))
        {
            case 'o':
                OriginPattern pattern = OriginPattern.Parse(Encoding.UTF8.GetString(text));
                return $"origin {pattern.Matches("http://localhost:3000")} {pattern.Matches("https://a.example.com:1")}";
            case 'k':
                File.WriteAllBytes(path, text);
                ApiKeyStore keys = new(path);
                keys.Find("secret", out bool areWanted);
                keys.FindNamed("a");
                return $"{keys.List().Count} {areWanted}";
            default:
                File.WriteAllBytes(path, text);
                SettingsStore store = new(path);
                int server = store.GetServer().Count;
                ModelSettings settings = store.Get("m");
                if (bytes.Length % RoundsBetweenWrites == 0)
                {
                    store.Update("other", _ => settings);
                    Assert.Equal(settings.Values.Count, new SettingsStore(path).Get("other").Values.Count);
                }

                return $"{server} {settings.Values.Count}";
        }
    }
}
