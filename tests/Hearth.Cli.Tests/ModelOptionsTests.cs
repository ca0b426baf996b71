using System.CommandLine;
using Hearth.Cli.Commands;
using Hearth.Kernels.Attention;

namespace Hearth.Cli.Tests;

public sealed class ModelOptionsTests
{
    [Theory]
    [InlineData(KvElementType.F16)]
    [InlineData(KvElementType.F16, "--cache-type", "F16")]
    [InlineData(KvElementType.BF16, "--cache-type", "bf16")]
    [InlineData(KvElementType.Q8_0, "--cache-type", "q8_0")]
    [InlineData(KvElementType.F32, "--cache-type", "f32")]
    public void CacheType_IsRead(KvElementType expected, params string[] arguments)
    {
        ModelOptions options = new();
        Command command = new("test");
        options.AddTo(command);

        Assert.Equal(expected, options.Read(command.Parse(arguments)).CacheType);
    }
}
