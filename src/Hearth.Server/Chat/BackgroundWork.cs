namespace Hearth.Server.Chat;

/// <summary>Whether the caller works for nobody who waits, so that others go first.</summary>
internal static class BackgroundWork
{
    private static readonly AsyncLocal<bool> s_isCurrent = new();

    /// <summary>Whether it does.</summary>
    public static bool IsCurrent => s_isCurrent.Value;

    /// <summary>Lets everything be so that the calling asynchronous method does from now on.</summary>
    public static void Enter() => s_isCurrent.Value = true;
}
