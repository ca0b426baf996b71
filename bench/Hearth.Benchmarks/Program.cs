using System.CommandLine;
using Hearth.Benchmarks.Attention;
using Hearth.Benchmarks.Comparison;
using Hearth.Benchmarks.Load;
using Hearth.Benchmarks.Quantization;
using Hearth.Benchmarks.Synthesis;
using Hearth.Benchmarks.Threading;

RootCommand root = new("Measures Hearth, alone and beside another engine.")
{
    CacheCommand.Create(),
    CacheErrorCommand.Create(),
    CompareCommand.Create(),
    LoadCommand.Create(),
    PoolCommand.Create(),
    QuantizeCommand.Create(),
    SynthCommand.Create(),
};
return root.Parse(args).Invoke();
