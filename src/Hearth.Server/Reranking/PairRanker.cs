using Hearth.Engine.Embedding;
using Hearth.Server.Access;
using Hearth.Server.Errors;

namespace Hearth.Server.Reranking;

/// <summary>Ranks pairs of texts in one batch.</summary>
internal static class PairRanker
{
    /// <summary>The classifier's first output for each pair, and the tokens that were read.</summary>
    /// <param name="model">A reranker.</param>
    /// <param name="pairs">Queries and documents.</param>
    /// <param name="truncate">Whether documents are cut so that pairs fit the context.</param>
    /// <param name="parameter">The request's field that has the documents.</param>
    /// <param name="cancellationToken">Ends the work between steps.</param>
    /// <exception cref="ApiException">A pair cannot be ranked.</exception>
    public static async Task<Ranks> RankAsync(
        EmbeddingModel model, IEnumerable<(string Query, string Document)> pairs, bool truncate, string parameter, CancellationToken cancellationToken)
    {
        try
        {
            IReadOnlyList<int>[] inputs = [.. pairs.Select(pair => model.EncodePair(pair.Query, pair.Document, truncate))];
            IReadOnlyList<float[]> outputs = await model.EmbedAsync(inputs, PoolingKind.Rank, cancellationToken: cancellationToken);
            int tokens = inputs.Sum(input => input.Count);
            RequestUsage.Count(tokens);
            return new Ranks([.. outputs.Select(output => output[0])], outputs is [{ Length: 1 }, ..], tokens);
        }
        catch (EmbeddingException exception)
        {
            throw ErrorTable.Describe(exception, parameter);
        }
    }
}

/// <summary>Results of pairs.</summary>
/// <param name="Values">The classifier's first output for each pair.</param>
/// <param name="AreLogits">Whether the classifier has one output only, whose probability is its logistic function.</param>
/// <param name="Tokens">Tokens that were read.</param>
internal sealed record Ranks(IReadOnlyList<float> Values, bool AreLogits, int Tokens);
