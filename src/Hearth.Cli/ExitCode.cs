namespace Hearth.Cli;

/// <summary>What the process ends with.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Success = 0;

    /// <summary>The work failed: a prompt that does not fit, a template that refuses, a port in use, ...</summary>
    public const int Failure = 1;

    /// <summary>The command line makes no sense.</summary>
    public const int Usage = 2;

    /// <summary>The model is missing, broken, or of a kind that Hearth does not run.</summary>
    public const int Model = 3;

    /// <summary>Ctrl-C.</summary>
    public const int Interrupted = 130;
}
