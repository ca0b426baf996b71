using Hearth.Server;

namespace Hearth.EndToEnd.Tests.Security;

/// <summary>What another machine of the network gets of a server.</summary>
public sealed class SecondMachineTests : IAsyncLifetime
{
    private const string Address = "10.213.7.1";
    private const string OtherAddress = "10.213.7.2";
    private const string Key = "hearth-second-machine";
    private static readonly string[] s_open = ["/health", "/health/live", "/health/ready", "/healthz", "/readyz", "/livez", "/v1/health"];
    private readonly TemporaryFiles _files = new();
    private NetworkNamespace? _first;
    private NetworkNamespace? _second;

    public async ValueTask InitializeAsync()
    {
        _first = await NetworkNamespace.CreateAsync();
        _second = await NetworkNamespace.CreateAsync();
        await _first.ConnectAsync(_second, Address, OtherAddress);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (NetworkNamespace? network in (NetworkNamespace?[])[_first, _second])
        {
            if (network is not null)
            {
                await network.DisposeAsync();
            }
        }

        _files.Dispose();
    }

    [Fact]
    public async Task WithKeys_NothingIsAnsweredWithoutOne()
    {
        await using ServerProcess server = await StartAsync($"{Address}:12434", new Dictionary<string, string> { ["HEARTH_API_KEY"] = Key });
        RemoteClient client = new(_second!, $"{Address}:12434", _files);
        (string Method, string Path)[] closed = [.. (await ServerRoutes.ReadAsync(_files.Combine("routes"))).Where(route => !s_open.Contains(route.Path))];
        Assert.InRange(closed.Length, 150, 1000);
        (string, string)[] odd =
        [
            .. ((string[])["//v1/models", "/V1/MODELS", "/health/../v1/models", "/ui/../v1/models", "/ui/%2e%2e/v1/models", "/health%2f..%2fv1%2fmodels", "/health/", "/_blazor/../metrics", "/_blazor", "/nothing", "/", "/v1/models?access_token=" + Key])
                .Select(path => ("GET", path)),
            ("POST", "/_blazor/negotiate"), ("OPTIONS", "/v1/models"), ("POST", "/"),
        ];

        (string Method, string Path, int Status)[] answers = [.. closed.Concat(odd).Zip(await client.SendAsync([.. closed, .. odd]), (route, status) => (route.Item1, route.Item2, status))];
        int[] wrong = await client.SendAsync([("GET", "/v1/models"), ("POST", "/v1/chat/completions")], $"Authorization: Bearer {Key}x");
        int[] health = await client.SendAsync([.. ((string[])["/health", "/health/live", "/health/ready", "/healthz", "/readyz"]).Select(path => ("GET", path))]);
        int[] page = await client.SendAsync([("GET", "/"), ("GET", "/ui/models")], "Accept: text/html");

        Assert.DoesNotContain(answers, answer => answer.Status != 401);
        Assert.All(wrong, status => Assert.Equal(401, status));
        Assert.All(health, status => Assert.Equal(200, status));
        Assert.Equal([200, 200], page);
    }

    [Fact]
    public async Task WithAKey_RoutesAnswer()
    {
        await using ServerProcess server = await StartAsync($"{Address}:12434", new Dictionary<string, string> { ["HEARTH_API_KEY"] = Key });
        RemoteClient client = new(_second!, $"{Address}:12434", _files);
        (string Method, string Path)[] routes = [.. (await ServerRoutes.ReadAsync(_files.Combine("routes"))).Where(route => route.Method == "GET")];

        int[] statuses = await client.SendAsync(routes, $"Authorization: Bearer {Key}");
        int[] shown = await client.SendAsync([("GET", "/v1/models"), ("GET", "/metrics"), ("GET", "/api/tags"), ("POST", "/tokenize")], $"x-api-key: {Key}");

        Assert.DoesNotContain(statuses, status => status is 0 or 401 or 403);
        Assert.Equal([200, 200, 200], shown[..3]);
        Assert.NotEqual(401, shown[3]);
    }

    [Fact]
    public async Task ByDefault_NobodyElseConnects()
    {
        await using ServerProcess server = await StartAsync(ListenAddress.Default.Text, new Dictionary<string, string>());
        RemoteClient own = new(_first!, ListenAddress.Default.Text, _files);
        RemoteClient other = new(_second!, $"{Address}:12434", _files);

        int here = Assert.Single(await own.SendAsync([("GET", "/health")]));
        int there = Assert.Single(await other.SendAsync([("GET", "/health")]));

        Assert.Equal((200, 0), (here, there));
    }

    [Fact]
    public async Task Clients_CannotHaveRegistriesOfTheNetworkAsked()
    {
        await using ServerProcess server = await StartAsync($"{Address}:12434", new Dictionary<string, string> { ["HEARTH_API_KEY"] = Key });
        server.Client.DefaultRequestHeaders.Add("x-api-key", Key);
        foreach (string registry in (string[])["169.254.169.254", "127.0.0.1:1", $"{OtherAddress}:5000", "[::1]:1", "localhost:1"])
        {
            using StringContent body = new($$"""{"from":"{{registry}}/team/model","insecure":true}""");
            using HttpResponseMessage response = await server.Client.PostAsync("/models/create", body, TestContext.Current.CancellationToken);

            Assert.Contains("HEARTH_PRIVATE_REGISTRIES", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
    }

    private Task<ServerProcess> StartAsync(string listen, IReadOnlyDictionary<string, string> environment) =>
        ServerProcess.StartByAsync(_first!.Command, environment, _files.Combine("home"), listen, "guide");
}
