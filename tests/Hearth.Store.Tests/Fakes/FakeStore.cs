using Hearth.Store.Registries;
using Hearth.Store.Registries.Http;
using Hearth.Store.Tests.Storage;
using Hearth.Store.Transfer;

namespace Hearth.Store.Tests.Fakes;

/// <summary>A store in a folder that goes with the test, and whose waits are short.</summary>
internal sealed class FakeStore : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public FakeStore(Func<RegistryOptions, RegistryOptions>? change = null, TimeProvider? time = null)
    {
        RegistryOptions options = new()
        {
            RetryDelay = TimeSpan.FromMilliseconds(1),
            Retries = 2,
            StallTimeout = TimeSpan.FromSeconds(60),
            DockerConfigFolder = _folder["docker"],
            CredentialHelperFolder = _folder["helpers"],
        };
        options = change?.Invoke(options) ?? options;
        Store = new ModelStore(_folder["models"], new ModelStoreOptions { Registries = options, HomeFolder = _folder.Path, Files = new UnflushedFiles(), Time = time ?? TimeProvider.System });
    }

    public ModelStore Store { get; }

    /// <summary>A folder for other things.</summary>
    public TemporaryFolder Folder => _folder;

    public RegistryOptions Options => Store.Options.Registries;

    /// <summary>What the store has been told of transfers.</summary>
    public Recorder Progress { get; } = new();

    public Task<PullResult> PullAsync(string reference, TransferOptions? options = null) =>
        Store.PullAsync(Store.ParseReference(reference), options, Progress, TestContext.Current.CancellationToken);

    public Task PushAsync(string name, string target, TransferOptions? options = null) =>
        Store.PushAsync(Store.Get(name), Store.ParseReference(target), options, Progress, TestContext.Current.CancellationToken);

    /// <summary>The contents of a model's weights.</summary>
    public byte[][] Weights(string name) => [.. Store.Open(Store.Get(name)).Weights.Select(File.ReadAllBytes)];

    public void Dispose() => _folder.Dispose();

    internal sealed class Recorder : IProgress<TransferProgress>
    {
        private readonly List<TransferProgress> _all = [];

        public IReadOnlyList<TransferProgress> All
        {
            get
            {
                lock (_all)
                {
                    return [.. _all];
                }
            }
        }

        public void Report(TransferProgress value)
        {
            lock (_all)
            {
                _all.Add(value);
            }
        }
    }
}

/// <summary>Names that lead to servers of this machine as if those were elsewhere.</summary>
internal sealed class FakeNetwork(IReadOnlyDictionary<string, System.Net.IPAddress> hosts) : RegistryNetwork
{
    public static readonly System.Net.IPAddress Public = System.Net.IPAddress.Parse("203.0.113.7");

    public override Task<System.Net.IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken) =>
        hosts.TryGetValue(host, out System.Net.IPAddress? address) ? Task.FromResult<System.Net.IPAddress[]>([address]) : base.ResolveAsync(host, cancellationToken);

    public override Task<Stream> ConnectAsync(System.Net.IPAddress[] addresses, int port, CancellationToken cancellationToken) =>
        base.ConnectAsync([System.Net.IPAddress.Loopback], port, cancellationToken);
}
