using System.Diagnostics;
using System.IO.Pipes;
using System.Text;
using Hearth.Store.Storage;

namespace Hearth.Store.Tests.Storage;

/// <summary>Kills a process in the middle of adding models, while this one removes some.</summary>
public sealed class KilledProcessTests
{
    private const string FolderVariable = "HEARTH_TEST_KILLED_FOLDER";
    private const string PipeVariable = "HEARTH_TEST_KILLED_PIPE";

    [Theory]
    [InlineData(3)]
    [InlineData(20)]
    public async Task Store_IsSound_AfterAProcessWasKilled(int models)
    {
        using TestStore test = new();
        test.Add("before", "shared", "before");
        string pipeName = $"hearth-{Guid.NewGuid():N}";
        using NamedPipeServerStream pipe = new(pipeName, PipeDirection.In, 1, PipeTransmissionMode.Byte, PipeOptions.Asynchronous);
        ProcessStartInfo start = new("dotnet", ["exec", typeof(KilledProcessTests).Assembly.Location, "-method", $"{typeof(KilledProcessTests).FullName}.{nameof(AddUntilKilled)}", "-explicit", "only"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { [FolderVariable] = test.Folder, [PipeVariable] = pipeName },
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        try
        {
            Task connected = pipe.WaitForConnectionAsync(TestContext.Current.CancellationToken);
            Assert.True(await Task.WhenAny(connected, process.WaitForExitAsync(TestContext.Current.CancellationToken)) == connected, $"{output.IsCompleted} {errors.IsCompleted}");
            byte[] one = new byte[1];
            for (int added = 0; added < models; added++)
            {
                await pipe.ReadExactlyAsync(one, TestContext.Current.CancellationToken);
                if (added % 2 == 1)
                {
                    test.Store.Remove($"killed:{added}");
                }
            }
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        await output;
        await errors;
        await TestStore.AssertSoundAsync(test.Store);
        string[] names = TestStore.Names(test.Store);
        Assert.Contains("before", names);
        Assert.All(Enumerable.Range(0, models), index => Assert.Equal(index % 2 == 0, names.Contains($"killed:{index}")));
        Assert.All(test.Store.List(), model => Assert.NotEmpty(test.Store.Open(model).Weights));

        test.Store.Prune(untagged: true);
        Assert.Equal(names, TestStore.Names(test.Store));
        await TestStore.AssertSoundAsync(test.Store);
        Assert.DoesNotContain(Directory.GetFiles(test.Folder, "*", SearchOption.AllDirectories), path => path.EndsWith(".tmp", StringComparison.Ordinal));
        Assert.Equal(names.Length, test.FilesOf("manifests").Length);
        test.Add("after", "shared", "after");
    }

    /// <summary>What the other process does.</summary>
    [Fact(Explicit = true)]
    public async Task AddUntilKilled()
    {
        string folder = Environment.GetEnvironmentVariable(FolderVariable)!;
        using NamedPipeClientStream pipe = new(".", Environment.GetEnvironmentVariable(PipeVariable)!, PipeDirection.Out);
        await pipe.ConnectAsync(TestContext.Current.CancellationToken);
        ModelStore store = new(folder, new ModelStoreOptions { Files = new UnflushedFiles(), HomeFolder = folder });
        for (int index = 0; ; index++)
        {
            string weights = string.Create(300_000, index, (text, seed) => new Random(seed).GetItems("0123456789abcdef".AsSpan(), text));
            using (StoreLock adding = store.BeginAdding())
            {
                BlobStore blobs = new(folder, store.Options.Files);
                await blobs.AddAsync(new MemoryStream(Encoding.UTF8.GetBytes(weights)), cancellationToken: TestContext.Current.CancellationToken);
                TestStore.Add(store, $"killed:{index}", "shared", weights);
            }

            await pipe.WriteAsync(new byte[] { 1 }, TestContext.Current.CancellationToken);
        }
    }
}
