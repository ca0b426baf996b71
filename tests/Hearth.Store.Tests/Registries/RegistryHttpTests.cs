using System.Net;
using System.Text;
using Hearth.Store.Registries;
using Hearth.Store.Registries.Http;
using Hearth.Store.Tests.Fakes;
using Microsoft.AspNetCore.Http;

namespace Hearth.Store.Tests.Registries;

public sealed class RegistryHttpTests
{
    private static readonly RegistryOptions s_options = new() { RetryDelay = TimeSpan.FromMilliseconds(1), Retries = 2 };

    [Fact]
    public async Task Redirect_IsFollowed_AndTheTokenStaysAtItsOrigin()
    {
        await using FakeServer storage = await FakeServer.StartAsync(context => context.Response.WriteAsync("content"));
        await using FakeServer registry = await FakeServer.StartAsync(context =>
        {
            bool isFirst = context.Request.Path == "/first";
            context.Response.Redirect(isFirst ? "/second?x=1" : $"http://localhost:{storage.Port}/content?signature=s3cret");
            return Task.CompletedTask;
        });
        Assert.Equal("content", await ReadAsync(registry, "/first", new TokenAuthorization(registry.Address, "token")));
        Assert.Equal(["Bearer token", "Bearer token"], registry.Requests.Select(request => request.Authorization));
        Assert.Null(Assert.Single(storage.Requests).Authorization);
    }

    [Fact]
    public async Task SameAddressByAnotherName_IsAnotherOrigin()
    {
        await using FakeServer registry = await FakeServer.StartAsync(context =>
        {
            if (context.Request.Path == "/first")
            {
                context.Response.Redirect($"http://localhost:{context.Connection.LocalPort}/second");
            }

            return Task.CompletedTask;
        });
        await ReadAsync(registry, "/first", new TokenAuthorization(registry.Address, "token"));
        Assert.Equal(["Bearer token", null], registry.Requests.Select(request => request.Authorization));
    }

    [Fact]
    public async Task RedirectLoop_Ends()
    {
        await using FakeServer registry = await FakeServer.StartAsync(context =>
        {
            context.Response.Redirect("/again");
            return Task.CompletedTask;
        });
        RegistryException exception = await Assert.ThrowsAsync<RegistryException>(() => ReadAsync(registry, "/again"));
        Assert.Equal(RegistryErrorKind.Invalid, exception.Kind);
        Assert.Equal(11, registry.Requests.Count);
    }

    [Theory]
    [InlineData("ftp://example.org/x")]
    [InlineData("file:///etc/passwd")]
    public async Task RedirectToAnotherScheme_IsRefused(string location)
    {
        await using FakeServer registry = await FakeServer.StartAsync(context =>
        {
            context.Response.Redirect(location);
            return Task.CompletedTask;
        });
        Assert.Equal(RegistryErrorKind.Refused, (await Assert.ThrowsAsync<RegistryException>(() => ReadAsync(registry, "/x"))).Kind);
    }

    [Theory]
    [InlineData("http://127.0.0.1:{0}/x")]
    [InlineData("http://localhost:{0}/x")]
    [InlineData("http://[::1]:{0}/x")]
    [InlineData("http://169.254.169.254/latest/meta-data")]
    [InlineData("http://10.0.0.1/x")]
    [InlineData("http://inside.example:{0}/x")]
    public async Task RedirectOfARegistryElsewhere_ToAPrivateAddress_IsRefused(string location)
    {
        await using FakeServer inside = await FakeServer.StartAsync(context => context.Response.WriteAsync("secret"));
        await using FakeServer registry = await FakeServer.StartAsync(context =>
        {
            context.Response.Redirect(string.Format(null, System.Text.CompositeFormat.Parse(location), inside.Port));
            return Task.CompletedTask;
        });
        RegistryOptions options = s_options with
        {
            Network = new FakeNetwork(new Dictionary<string, IPAddress> { ["outside.example"] = FakeNetwork.Public, ["inside.example"] = IPAddress.Parse("192.168.1.5") }),
        };
        using RegistryHttp http = new(new Uri($"http://outside.example:{registry.Port}"), options, insecure: true, TimeProvider.System);
        RegistryException exception = await Assert.ThrowsAsync<RegistryException>(
            () => http.ReadAsync(new RegistryRequest(HttpMethod.Get, new Uri(http.Origin, "/x")), 100, TestContext.Current.CancellationToken));
        Assert.Equal(RegistryErrorKind.Refused, exception.Kind);
        Assert.Empty(inside.Requests);
        Assert.Single(registry.Requests);
    }

    [Fact]
    public async Task RedirectOfARegistryHere_ToAPrivateAddress_IsFollowed()
    {
        await using FakeServer inside = await FakeServer.StartAsync(context => context.Response.WriteAsync("content"));
        await using FakeServer registry = await FakeServer.StartAsync(context =>
        {
            context.Response.Redirect($"http://inside.example:{inside.Port}/x");
            return Task.CompletedTask;
        });
        RegistryOptions options = s_options with
        {
            Network = new FakeNetwork(new Dictionary<string, IPAddress> { ["registry.example"] = IPAddress.Parse("10.1.2.3"), ["inside.example"] = IPAddress.Parse("192.168.1.5") }),
        };
        using RegistryHttp http = new(new Uri($"http://registry.example:{registry.Port}"), options, insecure: true, TimeProvider.System);
        (_, byte[] body) = await http.ReadAsync(new RegistryRequest(HttpMethod.Get, new Uri(http.Origin, "/x")), 100, TestContext.Current.CancellationToken);
        Assert.Equal("content"u8, body);
    }

    [Theory]
    [InlineData("inside.example", "192.168.1.5")]
    [InlineData("both.example", "10.0.0.1")]
    [InlineData("mapped.example", "::ffff:127.0.0.1")]
    [InlineData("metadata.example", "169.254.169.254")]
    [InlineData("127.0.0.1", "127.0.0.1")]
    public async Task RegistryAtAPrivateAddress_IsRefusedWhereItMustBeNamed(string host, string address)
    {
        await using FakeServer registry = await FakeServer.StartAsync(context => context.Response.WriteAsync("content"));
        RegistryOptions options = s_options with
        {
            RefusesPrivateRegistries = true,
            Network = new FakeNetwork(new Dictionary<string, IPAddress> { [host] = IPAddress.Parse(address), ["outside.example"] = FakeNetwork.Public }),
        };

        async Task<string> ReadFromAsync(string name, RegistryOptions own)
        {
            using RegistryHttp http = new(new Uri($"http://{name}:{registry.Port}"), own, insecure: true, TimeProvider.System);
            return Encoding.UTF8.GetString((await http.ReadAsync(new RegistryRequest(HttpMethod.Get, new Uri(http.Origin, "/x")), 100, TestContext.Current.CancellationToken)).Body);
        }

        RegistryException exception = await Assert.ThrowsAsync<RegistryException>(() => ReadFromAsync(host, options));
        Assert.Equal(RegistryErrorKind.Refused, exception.Kind);
        Assert.Contains("HEARTH_PRIVATE_REGISTRIES", exception.Message, StringComparison.Ordinal);
        Assert.Empty(registry.Requests);
        Assert.Equal("content", await ReadFromAsync("outside.example", options));
        Assert.Equal("content", await ReadFromAsync(host, options with { PrivateRegistries = [host] }));
        Assert.Equal("content", await ReadFromAsync(host, options with { Mirrors = [$"http://{host}:{registry.Port}"] }));
        Assert.Equal("content", await ReadFromAsync(host, options with { RefusesPrivateRegistries = false }));
    }

    [Fact]
    public async Task Proxy_IsUsed_ButNotForThisMachine_AndLeadsToNoPrivateAddress()
    {
        await using FakeServer proxy = await FakeServer.StartAsync(context =>
        {
            if (context.Request.Path == "/away")
            {
                context.Response.Redirect("http://192.168.1.1/x");
            }

            return context.Response.WriteAsync($"{context.Request.Host} by proxy");
        });
        RegistryOptions options = s_options with { Proxy = new WebProxy(proxy.Address) };
        using RegistryHttp http = new(new Uri("http://outside.example"), options, insecure: true, TimeProvider.System);
        (_, byte[] body) = await http.ReadAsync(new RegistryRequest(HttpMethod.Get, new Uri(http.Origin, "/x")), 100, TestContext.Current.CancellationToken);
        Assert.Equal("outside.example by proxy"u8, body);
        RegistryException exception = await Assert.ThrowsAsync<RegistryException>(
            () => http.ReadAsync(new RegistryRequest(HttpMethod.Get, new Uri(http.Origin, "/away")), 100, TestContext.Current.CancellationToken));
        Assert.Equal(RegistryErrorKind.Refused, exception.Kind);

        await using FakeServer here = await FakeServer.StartAsync(context => context.Response.WriteAsync("directly"));
        using RegistryHttp local = new(here.Address, options, insecure: false, TimeProvider.System);
        (_, body) = await local.ReadAsync(new RegistryRequest(HttpMethod.Get, here.Address), 100, TestContext.Current.CancellationToken);
        Assert.Equal("directly"u8, body);
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("10.255.0.1", true)]
    [InlineData("172.16.0.1", true)]
    [InlineData("172.32.0.1", false)]
    [InlineData("192.168.0.1", true)]
    [InlineData("169.254.169.254", true)]
    [InlineData("100.64.0.1", true)]
    [InlineData("0.0.0.0", true)]
    [InlineData("224.0.0.1", true)]
    [InlineData("255.255.255.255", true)]
    [InlineData("8.8.8.8", false)]
    [InlineData("::1", true)]
    [InlineData("::", true)]
    [InlineData("fe80::1", true)]
    [InlineData("fd00::1", true)]
    [InlineData("::ffff:127.0.0.1", true)]
    [InlineData("::ffff:8.8.8.8", false)]
    [InlineData("::127.0.0.1", true)]
    [InlineData("64:ff9b::10.0.0.1", true)]
    [InlineData("64:ff9b::8.8.8.8", false)]
    [InlineData("2002:7f00:1::", true)]
    [InlineData("2606:4700::1111", false)]
    public void PrivateAddresses_AreKnown(string address, bool isPrivate) => Assert.Equal(isPrivate, RegistryNetwork.IsPrivate(IPAddress.Parse(address)));

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task RetryAfter_IsWaitedFor(int status)
    {
        int requests = 0;
        await using FakeServer registry = await FakeServer.StartAsync(context =>
        {
            context.Response.StatusCode = Interlocked.Increment(ref requests) == 1 ? status : 200;
            context.Response.Headers.RetryAfter = "17";
            return Task.CompletedTask;
        });
        FakeTime time = new();
        await ReadAsync(registry, "/x", time: time);
        Assert.Equal(TimeSpan.FromSeconds(17), Assert.Single(time.Waits));
        Assert.Equal(2, requests);
    }

    [Fact]
    public async Task RetryAfterThatIsTooLong_IsToldInstead()
    {
        await using FakeServer registry = await FakeServer.StartAsync(context =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "3600";
            return Task.CompletedTask;
        });
        RegistryException exception = await Assert.ThrowsAsync<RegistryException>(() => ReadAsync(registry, "/x"));
        Assert.Equal(RegistryErrorKind.RateLimited, exception.Kind);
        Assert.Equal(TimeSpan.FromHours(1), exception.RetryAfter);
        Assert.Single(registry.Requests);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(408)]
    public async Task ErrorsThatLast_AreGivenUpAndTold(int status)
    {
        await using FakeServer registry = await FakeServer.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync("""{"errors":[{"code":"UNAVAILABLE","message":"the\u001b[31m disk is full"}]}""");
        });
        List<string> retries = [];
        RegistryException exception = await Assert.ThrowsAsync<RegistryException>(() => ReadAsync(registry, "/x", onRetry: retries.Add));
        Assert.Equal(RegistryErrorKind.Unavailable, exception.Kind);
        Assert.Contains("the [31m disk is full (UNAVAILABLE)", exception.Message, StringComparison.Ordinal);
        Assert.Equal(3, registry.Requests.Count);
        Assert.Equal(2, retries.Count);
    }

    [Theory]
    [InlineData(400, RegistryErrorKind.Invalid)]
    [InlineData(401, RegistryErrorKind.Unauthorized)]
    [InlineData(403, RegistryErrorKind.Unauthorized)]
    [InlineData(404, RegistryErrorKind.NotFound)]
    public async Task ErrorsOfTheRequest_AreNotTriedAgain(int status, RegistryErrorKind kind)
    {
        await using FakeServer registry = await FakeServer.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        });
        Assert.Equal(kind, (await Assert.ThrowsAsync<RegistryException>(() => ReadAsync(registry, "/x"))).Kind);
        Assert.Single(registry.Requests);
    }

    [Fact]
    public async Task Messages_HaveNoSecretsOfAddresses()
    {
        await using FakeServer registry = await FakeServer.StartAsync(context =>
        {
            context.Response.StatusCode = 404;
            return Task.CompletedTask;
        });
        using RegistryHttp http = new(registry.Address, s_options, insecure: false, TimeProvider.System);
        Uri address = new($"http://user:s3cret@127.0.0.1:{registry.Port}/path?token=s3cret");
        RegistryException exception = await Assert.ThrowsAsync<RegistryException>(() => http.ReadAsync(new RegistryRequest(HttpMethod.Get, address), 100, TestContext.Current.CancellationToken));
        Assert.DoesNotContain("s3cret", exception.ToString(), StringComparison.Ordinal);
        Assert.Contains("/path", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HugeErrorText_IsNotRead()
    {
        await using FakeServer registry = await FakeServer.StartAsync(async context =>
        {
            context.Response.StatusCode = 404;
            byte[] part = new byte[64 * 1024];
            for (int i = 0; i < 1000 && !context.RequestAborted.IsCancellationRequested; i++)
            {
                await context.Response.Body.WriteAsync(part, context.RequestAborted);
            }
        });
        RegistryException exception = await Assert.ThrowsAsync<RegistryException>(() => ReadAsync(registry, "/x"));
        Assert.Equal(RegistryErrorKind.NotFound, exception.Kind);
        Assert.InRange(exception.Message.Length, 1, 600);
    }

    [Fact]
    public async Task NobodyThere_IsUnavailable()
    {
        FakeServer registry = await FakeServer.StartAsync(_ => Task.CompletedTask);
        await registry.DisposeAsync();
        Assert.Equal(RegistryErrorKind.Unavailable, (await Assert.ThrowsAsync<RegistryException>(() => ReadAsync(registry, "/x"))).Kind);
    }

    private static async Task<string> ReadAsync(FakeServer registry, string path, RequestAuthorization? authorization = null, TimeProvider? time = null, Action<string>? onRetry = null)
    {
        using RegistryHttp http = new(registry.Address, s_options, insecure: false, time ?? TimeProvider.System);
        RegistryRequest request = new(HttpMethod.Get, new Uri(registry.Address, path)) { Authorization = authorization, OnRetry = onRetry };
        (_, byte[] body) = await http.ReadAsync(request, 1000, TestContext.Current.CancellationToken);
        return System.Text.Encoding.UTF8.GetString(body);
    }
}
