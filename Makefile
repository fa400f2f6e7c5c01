# Every target is one line that calls the program or a script; `make` alone lists them.
#
#     make run PAIR=BTCUSDT                    one pair, or several: PAIR="BTCUSDT ETHUSDT" or PAIR=BTCUSDT,ETHUSDT
#     make train ARGS="--set train.folds=3"    ARGS goes to the program as it stands

comma := ,
pairs = $(foreach pair,$(subst $(comma), ,$(PAIR)),--pair $(pair))
# Exit code 3 says that no model passed the gates: a result, not a failure of make.
gated = || [ $$? -eq 3 ]
stages := download clean features labels train select backtest report

.DEFAULT_GOAL := help
.PHONY: help setup demo run $(stages) status doctor lightgbm webgpu test check bench clean-all

help: ## List the targets
	@awk -F ': .*## ' '/^[a-z-]+:.* ## / { printf "  make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@echo; echo '  PAIR=BTCUSDT or PAIR="BTCUSDT ETHUSDT" chooses pairs, ARGS="--set labels.horizon=2h" passes anything on.'

setup: ## Install packages, compile, find XGBoost; nothing to do when that is done
	@FORCE=$(FORCE) scripts/setup.sh

demo: setup ## Offline: simulate a market and run the whole pipeline on it
	./sluice run demo $(pairs) $(ARGS) $(gated)

run: setup ## Every stage, from the archive to the report
	./sluice run $(pairs) $(ARGS) $(gated)

download: ## Fetch and verify the exchange's archive files
clean: ## Put bars on their grid, mark gaps, resample
features: ## Compute the feature tables
labels: ## Compute outcomes and their intervals
train: ## Fit, calibrate and score every candidate model
select: ## Pass the candidates through the gates, keep the registry
backtest: ## Trade the out-of-sample predictions bar by bar
report: ## Write the HTML reports
$(stages): setup
	./sluice $@ $(pairs) $(ARGS) $(gated)

status: setup ## What is fresh, stale, missing or failed, and why
	./sluice status $(pairs) $(ARGS)

doctor: setup ## What this machine has, and what to type for what it has not
	./sluice doctor $(ARGS)

lightgbm: setup ## Compile LightGBM where no copy of it is installed (some minutes, kept for all checkouts)
	@FORCE=$(FORCE) scripts/lightgbm.sh

webgpu: setup ## Install what nets need to train on a graphics card (150 MB)
	@scripts/webgpu.sh

test: setup ## Unit, contract and end-to-end tests; ends with the count
	@node_modules/.bin/vitest run --reporter=default --reporter=./scripts/count-reporter.mjs $(ARGS)

check: setup ## Types, format, lint, docs
	@scripts/check.sh

bench: setup ## Run every bench, one after another
	@scripts/bench.sh

clean-all: ## Delete all outputs, after asking (FORCE=1 does not ask)
	@FORCE=$(FORCE) scripts/clean-all.sh
