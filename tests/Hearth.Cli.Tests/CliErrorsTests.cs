using Hearth.Store.Manifests;
using Hearth.Store.Modelfiles;
using Hearth.Store.Packaging;
using Hearth.Store.References;
using Hearth.Store.Registries;
using Hearth.Store.Storage;

namespace Hearth.Cli.Tests;

public sealed class CliErrorsTests
{
    public static TheoryData<int, Exception> Failures => new()
    {
        { ExitCode.Usage, new ReferenceException("x y", "it has a space") },
        { ExitCode.Usage, new ModelfileException(3, "no such instruction") },
        { ExitCode.Model, new ModelNotFoundException("absent") },
        { ExitCode.Model, new ManifestException("broken") },
        { ExitCode.Failure, new RegistryException(RegistryErrorKind.Unavailable, "gone") },
        { ExitCode.Failure, new StoreException(StoreErrorKind.DiskFull, "full") },
        { ExitCode.Failure, new PackageException("no place for it") },
    };

    [Theory]
    [MemberData(nameof(Failures), DisableDiscoveryEnumeration = true)]
    public async Task AFailure_IsAnExitCodeAndALine(int expected, Exception failure)
    {
        using StringWriter error = new() { NewLine = "\n" };

        int code = await CliErrors.RunAsync(() => throw failure, error, TestContext.Current.CancellationToken);

        Assert.Equal((expected, $"hearth: {failure.Message}\n"), (code, error.ToString()));
    }

    [Fact]
    public async Task AFailureOfSeveralLines_IsOneLine()
    {
        using StringWriter error = new() { NewLine = "\n" };

        await CliErrors.RunAsync(() => throw new IOException("one\ntwo\e[31m"), error, TestContext.Current.CancellationToken);

        Assert.Equal("hearth: one two [31m\n", error.ToString());
    }

    [Fact]
    public async Task ADefect_IsNotHidden() =>
        await Assert.ThrowsAsync<InvalidOperationException>(() => CliErrors.RunAsync(() => throw new InvalidOperationException(), TextWriter.Null, TestContext.Current.CancellationToken));
}
