namespace Hearth.Engine.Sampling;

/// <summary>A token that may be chosen.</summary>
/// <param name="Token">The token's id.</param>
/// <param name="Logit">Its logit after the stages so far.</param>
/// <param name="Probability">Its probability among the candidates, from 0 to 1.</param>
public record struct Candidate(int Token, float Logit, float Probability);
