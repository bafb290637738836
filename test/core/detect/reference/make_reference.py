"""Reference values for test/core/detect, from scikit-learn and statsmodels.

    python3 -m pip install scikit-learn==1.9.1 statsmodels==0.15.0
    python3 make_reference.py      # writes svm.json, arma.json, trees.json beside it
    npm run format
"""
import json
import warnings
from pathlib import Path

import numpy as np
import sklearn
import statsmodels
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score
from sklearn.svm import SVC, OneClassSVM
from sklearn.tree import DecisionTreeClassifier
from statsmodels.tsa.arima.model import ARIMA

HERE = Path(__file__).parent
VERSIONS = {"sklearn": sklearn.__version__, "statsmodels": statsmodels.__version__, "numpy": np.__version__}


def write(name, value):
    (HERE / name).write_text(json.dumps({"versions": VERSIONS, **value}) + "\n")


def rounded(array, digits=4):
    return np.round(np.asarray(array, dtype=float), digits).tolist()


def svm():
    rng = np.random.default_rng(20260101)
    calm = np.round(rng.normal(0, 1, (120, 4)), 4)
    fault = np.round(rng.normal(1.2, 1.3, (30, 4)), 4)
    points = np.round(rng.normal(0.5, 2, (40, 4)), 4)
    one = []
    for nu, gamma in ((0.01, 0.25), (0.1, 0.25), (0.5, 0.05)):
        model = OneClassSVM(nu=nu, gamma=gamma, tol=1e-8).fit(calm)
        one.append({"nu": nu, "gamma": gamma, "support": len(model.support_), "decision": model.decision_function(points).tolist()})
    # fewer than 1 / nu rows: what a run without any training data has
    few = OneClassSVM(nu=0.01, gamma=0.25, tol=1e-8).fit(calm[:30])
    x = np.vstack([calm, fault])
    y = np.array([0] * len(calm) + [1] * len(fault))
    two = []
    for c, gamma in ((1, 0.25), (10, 0.05), (0.1, 1.0)):
        model = SVC(C=c, gamma=gamma, class_weight="balanced", tol=1e-8).fit(x, y)
        two.append({"c": c, "gamma": gamma, "support": len(model.support_), "decision": model.decision_function(points).tolist()})
    scale = SVC(gamma="scale").fit(x, y)._gamma
    write("svm.json", {
        "calm": calm.tolist(), "fault": fault.tolist(), "points": points.tolist(), "oneClass": one,
        "fewRows": 30, "few": few.decision_function(points).tolist(), "twoClass": two, "gammaScale": float(scale),
    })


def simulate(rng, n, phi, theta, mean):
    noise = rng.normal(0, 1, n + 50)
    y = np.zeros(n + 50)
    for t in range(1, n + 50):
        y[t] = phi * y[t - 1] + noise[t] + theta * noise[t - 1]
    return np.round(mean + y[50:], 4)


def arma():
    rng = np.random.default_rng(20260102)
    cases = []
    for n, phi, theta, mean in ((200, 0.7, 0.3, 2.0), (400, -0.4, 0.6, 0.0), (60, 0.5, -0.2, -1.0), (500, 0.9, -0.5, 5.0)):
        y = simulate(rng, n, phi, theta, mean)
        fit = ARIMA(y, order=(1, 0, 1), trend="c").fit(method_kwargs={"maxiter": 500, "pgtol": 1e-10, "factr": 10})
        mu, ar, ma, sigma2 = fit.params
        cases.append({
            "values": y.tolist(), "mean": mu, "phi": ar, "theta": ma, "variance": sigma2,
            "logLikelihood": fit.llf, "residuals": fit.resid.tolist(),
        })
    write("arma.json", {"cases": cases})


def trees():
    data = load_breast_cancer()
    x = rounded(data.data[:, [0, 1, 4, 6, 7, 8, 10, 20, 21, 24, 27, 28]])
    x = np.asarray(x)
    y = (data.target == 0).astype(int)
    train, test = np.arange(0, len(x), 2), np.arange(1, len(x), 2)
    single = []
    for depth in (2, 4, 8):
        for leaf in (1, 5):
            # Ties between features are broken at random: several seeds, of which all must agree for a row to be held against us.
            seen = [DecisionTreeClassifier(max_depth=depth, min_samples_leaf=leaf, random_state=seed).fit(x[train], y[train]) for seed in range(30)]
            scores = np.array([model.predict_proba(x[test])[:, 1] for model in seen])
            sure = (scores.max(axis=0) - scores.min(axis=0)) < 1e-12
            single.append({
                "depth": depth, "leastLeaf": leaf,
                "scores": [float(s) if k else None for s, k in zip(scores[0], sure)],
            })
    forests = [RandomForestClassifier(n_estimators=100, max_depth=8, max_features="sqrt", oob_score=True, random_state=seed).fit(x[train], y[train]) for seed in range(30)]
    oob = [float(model.oob_score_) for model in forests]
    auc = [float(roc_auc_score(y[test], model.predict_proba(x[test])[:, 1])) for model in forests]
    mean_score = np.mean([model.predict_proba(x[test])[:, 1] for model in forests], axis=0)
    oob_score = np.mean([model.oob_decision_function_[:, 1] for model in forests], axis=0)
    spread = [float(np.sqrt(np.mean((model.predict_proba(x[test])[:, 1] - mean_score) ** 2))) for model in forests]
    spread_oob = [float(np.sqrt(np.mean((model.oob_decision_function_[:, 1] - oob_score) ** 2))) for model in forests]
    write("trees.json", {
        "rows": x.tolist(), "labels": y.tolist(), "single": single,
        "forest": {
            "oobAccuracy": oob, "auc": auc, "meanScores": rounded(mean_score, 6), "meanOobScores": rounded(oob_score, 6),
            # Root mean square distance of one forest from the mean of thirty.
            "spread": spread, "spreadOob": spread_oob,
        },
    })


warnings.filterwarnings("ignore")
svm()
arma()
trees()
