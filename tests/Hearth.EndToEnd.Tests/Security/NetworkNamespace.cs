using System.Diagnostics;
using Hearth.Store.Tests.Fakes;

namespace Hearth.EndToEnd.Tests.Security;

/// <summary>A network of its own, as another machine has; a test is skipped where none may be made.</summary>
internal sealed class NetworkNamespace : IAsyncDisposable
{
    private readonly string _name;

    private NetworkNamespace(string name) => _name = name;

    /// <summary>Runs a program in it.</summary>
    public string[] Command => ["ip", "netns", "exec", _name];

    /// <summary>Makes one whose only address is its own loopback.</summary>
    public static async Task<NetworkNamespace> CreateAsync()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Networks of their own are Linux's.");
        DockerRegistry.Find("ip");
        NetworkNamespace created = new($"hearth-{Guid.NewGuid():N}"[..20]);
        (int code, string text) = await RunAsync("ip", "netns", "add", created._name);
        Assert.SkipWhen(code != 0, $"A network namespace needs rights that this user does not have: {text.Trim()}");
        await created.SetAsync("link", "set", "lo", "up");
        return created;
    }

    /// <summary>Lays a cable to another one.</summary>
    /// <param name="other">The other one.</param>
    /// <param name="address">The address at this end.</param>
    /// <param name="otherAddress">The address at the other end, of the same network of 256.</param>
    public async Task ConnectAsync(NetworkNamespace other, string address, string otherAddress)
    {
        await SetAsync("link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns", other._name);
        foreach ((NetworkNamespace end, string own) in ((NetworkNamespace, string)[])[(this, address), (other, otherAddress)])
        {
            await end.SetAsync("address", "add", own + "/24", "dev", "cable");
            await end.SetAsync("link", "set", "cable", "up");
        }
    }

    /// <summary>Its routes to elsewhere, a line each.</summary>
    public async Task<string> RoutesAsync() => await GetAsync("ip", "-n", _name, "route") + await GetAsync("ip", "-n", _name, "-6", "route");

    public async ValueTask DisposeAsync() => await RunAsync("ip", "netns", "delete", _name);

    private Task<string> SetAsync(params string[] arguments) => GetAsync("ip", ["-n", _name, .. arguments]);

    private static async Task<string> GetAsync(string program, params string[] arguments)
    {
        (int code, string text) = await RunAsync(program, arguments);
        Assert.True(code == 0, $"{program} {string.Join(' ', arguments)}: {text}");
        return text;
    }

    private static async Task<(int Code, string Text)> RunAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output + await errors);
    }
}
