namespace Hearth.Engine.Output.Replies;

/// <summary>A part of a model's reply.</summary>
public abstract record ReplyEvent;

/// <summary>More of the answer's text.</summary>
/// <param name="Text">The text; never empty.</param>
/// <param name="Offset">Where it begins in all that the model wrote, in characters (UTF-16). It is a copy of what stands there.</param>
public sealed record ReplyContent(string Text, int Offset) : ReplyEvent;

/// <summary>More of what the model thinks before it answers.</summary>
/// <param name="Text">The text; never empty.</param>
public sealed record ReplyReasoning(string Text) : ReplyEvent;

/// <summary>The model calls a tool. Its arguments follow, and then <see cref="ReplyCallEnded"/>; calls never overlap.</summary>
/// <param name="Index">The call's number in the reply, from 0.</param>
/// <param name="Id">The id that the model gave the call, where its format has one that later messages refer to; else null.</param>
/// <param name="Name">The tool's name, which need not be one of the tools offered.</param>
public sealed record ReplyCallStarted(int Index, string? Id, string Name) : ReplyEvent;

/// <summary>More of a call's arguments.</summary>
/// <param name="Index">The call's number.</param>
/// <param name="Json">A piece of the arguments' JSON text; all pieces together are one object.</param>
public sealed record ReplyCallArguments(int Index, string Json) : ReplyEvent;

/// <summary>A call has ended.</summary>
/// <param name="Index">The call's number.</param>
/// <param name="IsComplete">
/// Whether the arguments are a whole JSON object. False only with <see cref="ReplyOptions.EarlyArguments"/>, when they broke off.
/// </param>
public sealed record ReplyCallEnded(int Index, bool IsComplete) : ReplyEvent;
