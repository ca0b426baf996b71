using Hearth.Engine.Scheduling;
using Hearth.Server.Hosting;
using Hearth.Server.Tests;

[assembly: AssemblyFixture(typeof(GuideServer))]

namespace Hearth.Server.Tests;

/// <summary>A server that serves the built-in model to every test.</summary>
public sealed class GuideServer : TestServer
{
    public const string Question = "What is Hearth?";

    private ModelLease<LanguageModel>? _lease;

    public LanguageModel Model => _lease!.Model;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _lease = await Host.AcquireLanguageAsync(BuiltInModels.Guide);
    }

    public override async ValueTask DisposeAsync()
    {
        _lease!.Dispose();
        await base.DisposeAsync();
    }

    protected override void AddModels(ModelHost host) => host.Register(BuiltInModels.Guide, BuiltInModels.Resolve(BuiltInModels.Guide));
}
