using Hearth.Store.Registries;

namespace Hearth.Store.Tests.Registries;

/// <summary>What the environment says of registries.</summary>
public sealed class RegistryOptionsTests : IDisposable
{
    private const string Variable = "HF_ENDPOINT";
    private readonly string? _before = Environment.GetEnvironmentVariable(Variable);

    public void Dispose() => Environment.SetEnvironmentVariable(Variable, _before);

    [Theory]
    [InlineData("", "https://huggingface.co/")]
    [InlineData("http://mirror.test:8080", "http://mirror.test:8080/")]
    public void Endpoint_IsTaken(string value, string expected)
    {
        Environment.SetEnvironmentVariable(Variable, value);

        Assert.Equal(expected, RegistryOptions.FromEnvironment().UseHuggingFace().ToString());
    }

    [Theory]
    [InlineData("mirror.test")]
    [InlineData("ftp://mirror.test")]
    [InlineData("https://")]
    public void WrongEndpoint_IsToldToWhoUsesIt(string value)
    {
        Environment.SetEnvironmentVariable(Variable, value);
        RegistryOptions options = RegistryOptions.FromEnvironment();

        RegistryException exception = Assert.Throws<RegistryException>(() => options.UseHuggingFace());

        Assert.Contains($"$HF_ENDPOINT is '{value}'", exception.Message, StringComparison.Ordinal);
    }
}
