using Hearth.Engine.Scheduling;
using Hearth.Server.Tests;

[assembly: AssemblyFixture(typeof(GuideServer))]

namespace Hearth.Server.Tests;

/// <summary>A server that serves the built-in model to every test.</summary>
public sealed class GuideServer : TestServer
{
    public const string Question = "What is Hearth?";

    public LanguageModel Model => Host.Find(BuiltInModels.Guide).Language!;

    protected override void AddModels(ModelHost host) => host.Load(BuiltInModels.Guide, BuiltInModels.Resolve(BuiltInModels.Guide));
}
