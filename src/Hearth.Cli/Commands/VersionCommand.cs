using System.CommandLine;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Hearth.Cli.Commands;

/// <summary><c>hearth version</c>.</summary>
internal static class VersionCommand
{
    public static string Version { get; } = typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    public static Command Create(CliContext context)
    {
        Command command = new("version", "Print the version of Hearth, of .NET and of the platform.");
        command.SetAction(_ =>
        {
            context.Output.WriteLine($"hearth {Version} ({RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier})");
            return ExitCode.Success;
        });
        return command;
    }
}
