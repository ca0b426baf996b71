using System.CommandLine;
using Hearth.Benchmarks.Synthesis;

RootCommand root = new("Measures Hearth, alone and beside another engine.") { SynthCommand.Create() };
return root.Parse(args).Invoke();
