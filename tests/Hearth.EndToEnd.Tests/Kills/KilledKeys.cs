using System.Diagnostics;
using Hearth.Server.Access;

namespace Hearth.EndToEnd.Tests.Kills;

/// <summary>Keys that a program of its own makes, which is killed, too.</summary>
/// <param name="home">The folder that they are in.</param>
internal sealed class KilledKeys(string home)
{
    private const int Most = 5;
    private readonly List<string> _kept = ["main"];
    private string? _coming;

    /// <summary>Keys that were made.</summary>
    public int Made { get; private set; }

    /// <summary>Makes keys until it is told to end, and then kills the program in the middle of it.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            _coming = $"key {Made++}";
            using Process process = HearthProcess.StartIn(home, "keys", "create", _coming);
            try
            {
                await process.WaitForExitAsync(stop);
            }
            catch (OperationCanceledException)
            {
                process.Kill();
                await process.WaitForExitAsync(CancellationToken.None);
                return;
            }

            Assert.Equal(0, process.ExitCode);
            _kept.Add(_coming);
        }
    }

    /// <summary>Looks at the file: every key that was made is there, and of another one nothing or all.</summary>
    public Task CheckAsync()
    {
        ApiKeyStore store = new(Path.Combine(home, "api-keys.json"));
        string[] found = [.. store.List().Select(key => key.Name)];
        Assert.Subset(found.ToHashSet(), _kept.ToHashSet());
        Assert.Subset(_kept.Append(_coming).ToHashSet(), found.ToHashSet<string?>());
        foreach (string name in found.Where(name => name != "main").Skip(Most))
        {
            store.Remove(name);
        }

        _kept.Clear();
        _kept.AddRange(store.List().Select(key => key.Name));
        return Task.CompletedTask;
    }
}
